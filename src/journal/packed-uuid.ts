/** A UUID in the 16 bytes that it is, instead of the 36 letters that it is written with. Most of a body is UUIDs. */

const UUID_LETTERS = 36;
export const UUID_BYTES = 16;
const DASH = 0x2d;

/** What a hexadecimal letter is worth, by its code; 255: none. Upper case is none: it would come back as lower. */
const NIBBLES = new Uint8Array(256).fill(255);
/** The letter of each nibble. */
const LETTERS = Buffer.from('0123456789abcdef');
LETTERS.forEach((letter, nibble) => {
  NIBBLES[letter] = nibble;
});

/** Where the pairs of letters stand between the dashes. */
const PAIRS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const PAIR_AT = Uint8Array.from(PAIRS);

const letters = Buffer.alloc(UUID_LETTERS, DASH);

/** Writes `text` at `at` if it is a UUID in lower case, as every one of ours is; says whether it is. */
export function packUuid(text: string, target: Buffer, at: number): boolean {
  if (text.length !== UUID_LETTERS) return false;
  let wrong = text.charCodeAt(8) ^ DASH;
  wrong |= text.charCodeAt(13) ^ DASH;
  wrong |= text.charCodeAt(18) ^ DASH;
  wrong |= text.charCodeAt(23) ^ DASH;
  for (let i = 0; i < UUID_BYTES; i += 1) {
    const letter = PAIR_AT[i] ?? 0;
    const high = nibbleOf(text.charCodeAt(letter));
    const low = nibbleOf(text.charCodeAt(letter + 1));
    wrong |= (high | low) & 0xf0;
    target[at + i] = (high << 4) | low;
  }
  return wrong === 0;
}

/** The text of the 16 bytes at `at`. */
export function unpackUuid(source: Buffer, at: number): string {
  for (let i = 0; i < UUID_BYTES; i += 1) {
    const byte = source[at + i] ?? 0;
    const letter = PAIR_AT[i] ?? 0;
    letters[letter] = LETTERS[byte >> 4] ?? 0;
    letters[letter + 1] = LETTERS[byte & 15] ?? 0;
  }
  return letters.toString('latin1', 0, UUID_LETTERS);
}

const nibbleOf = (code: number): number => (code < 256 ? (NIBBLES[code] ?? 255) : 255);
