/** Which partition a key belongs to, as Java's clients reckon it: murmur2 of its bytes, in 32-bit integers. */

const SEED = 0x9747b28c;
const FACTOR = 0x5bd1e995;

const mixed = (word: number): number => {
  const spread = Math.imul(word, FACTOR);
  return Math.imul(spread ^ (spread >>> 24), FACTOR);
};

/** As a signed 32-bit integer. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  const at = (index: number): number => bytes[index] ?? 0;
  let hash = SEED ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const word = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    hash = Math.imul(hash, FACTOR) ^ mixed(word);
  }
  const rest = length - i;
  if (rest > 0) {
    hash ^= at(i) | (at(i + 1) << 8) | (at(i + 2) << 16); // what is beyond the end counts as zero
    hash = Math.imul(hash, FACTOR);
  }
  hash = Math.imul(hash ^ (hash >>> 13), FACTOR);
  return hash ^ (hash >>> 15);
}

/** To be taken modulo the number of partitions. Messages often come several to the key: it is hashed once. */
export function partitioner(): (message: unknown, key?: Buffer) => number {
  let last: Buffer | undefined;
  let found = 0;
  return (_message, key) => {
    if (key === undefined) return 0;
    if (last === undefined || !last.equals(key)) {
      last = key;
      found = murmur2(key) & 0x7fffffff;
    }
    return found;
  };
}
