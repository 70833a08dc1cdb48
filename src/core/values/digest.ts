/** Short fingerprints of text, for tables that must remember millions of names in a few bytes each. */

/**
 * A 32-bit digest of `text`; different seeds give independent digests. FNV-1a over the UTF-16 code units with
 * the 32-bit finaliser of MurmurHash3 (A. Appleby, public domain) so that close texts end far apart.
 */
export function digest32(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0;
}
