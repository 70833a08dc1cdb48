/** Short fingerprints of text, for tables that must remember millions of names in a few bytes each. */

/**
 * A 32-bit digest of `text`; different seeds give independent digests. FNV-1a over the UTF-16 code units with
 * the 32-bit finaliser of MurmurHash3 (A. Appleby, public domain) so that close texts end far apart.
 */
export const digest32 = (text: string, seed: number): number => finished(absorb(begun(seed), text));

/** A digest in parts: begun, then {@link absorb}ing whatever belongs to it, then {@link finished}. */
export const begun = (seed: number): number => 0x811c9dc5 ^ seed;

/** Two texts one after the other are absorbed like their concatenation: put something between them. */
export function absorb(hash: number, text: string): number {
  let absorbed = hash;
  for (let i = 0; i < text.length; i++) absorbed = absorbWord(absorbed, text.charCodeAt(i));
  return absorbed;
}

/** `word`: a code unit, or any 32 bits. */
export const absorbWord = (hash: number, word: number): number => Math.imul(hash ^ word, 0x01000193);

/** One 64-bit word, seen as its two halves. */
const units = new BigInt64Array(1);
const halves = new Int32Array(units.buffer);

/** The low 64 bits: all that a price or a quantity has. */
export function absorbUnits(hash: number, value: bigint): number {
  units[0] = value;
  return absorbWord(absorbWord(hash, halves[1] as number), halves[0] as number);
}

export function finished(absorbed: number): number {
  let hash = absorbed ^ (absorbed >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0;
}
