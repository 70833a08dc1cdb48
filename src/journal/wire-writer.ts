/** Writes the journal's part of MessagePack: any MessagePack library can read what this one wrote. */
import { assert } from '../core/values/assert.ts';
import { packUuid, UUID_BYTES } from './packed-uuid.ts';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
/** Our extension type for an integer beyond 64 bits: big-endian two's complement. */
export const EXTENSION_WIDE_INTEGER = 1;

/** One UTF-16 unit takes at most this many bytes in UTF-8. */
const BYTES_PER_UNIT_MAX = 3;
/** The largest thing but a text: a header and an integer. */
const SCALAR_BYTES_MAX = 16;

/**
 * Texts that come again in a batch (users, tickers, accounts) are written once: the first time as a string, and
 * from then on as its number, counted from 0 over all texts written by `text` in this batch.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #view = new DataView(this.#buffer.buffer);
  #at = 0;
  readonly #texts = new Map<string, number>();

  /** Begins anew; the memory is kept. */
  reset(): void {
    this.#at = 0;
    this.#texts.clear();
  }

  /** A copy of what was written since `reset`. */
  toBuffer(): Buffer {
    const copy = Buffer.allocUnsafeSlow(this.#at);
    this.#buffer.copy(copy, 0, 0, this.#at);
    return copy;
  }

  array(length: number): void {
    this.#reserve(SCALAR_BYTES_MAX);
    if (length < 16) {
      this.#buffer[this.#at++] = 0x90 | length;
    } else {
      this.#buffer[this.#at] = 0xdd;
      this.#view.setUint32(this.#at + 1, length);
      this.#at += 5;
    }
  }

  /** A small whole number: a tag, a code, a text's number. */
  small(value: number): void {
    this.#reserve(SCALAR_BYTES_MAX);
    if (value < 128) {
      this.#buffer[this.#at++] = value;
    } else {
      this.#buffer[this.#at] = 0xce;
      this.#view.setUint32(this.#at + 1, value);
      this.#at += 5;
    }
  }

  /** Microseconds: a whole number below 2^53. */
  micros(value: number): void {
    this.#reserve(SCALAR_BYTES_MAX);
    this.#buffer[this.#at] = 0xcf;
    this.#view.setUint32(this.#at + 1, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(this.#at + 5, value >>> 0);
    this.#at += 9;
  }

  fixed(value: bigint): void {
    this.#reserve(SCALAR_BYTES_MAX);
    if (value > INT64_MAX || value < INT64_MIN) {
      this.#wide(value);
      return;
    }
    this.#buffer[this.#at] = 0xd3;
    this.#view.setBigInt64(this.#at + 1, value);
    this.#at += 9;
  }

  flag(value: boolean): void {
    this.#reserve(SCALAR_BYTES_MAX);
    this.#buffer[this.#at++] = value ? 0xc3 : 0xc2;
  }

  /** An absent value. */
  nothing(): void {
    this.#reserve(SCALAR_BYTES_MAX);
    this.#buffer[this.#at++] = 0xc0;
  }

  /** A text that seldom comes again; a UUID as its 16 bytes. */
  id(value: string): void {
    this.#reserve(SCALAR_BYTES_MAX + UUID_BYTES);
    if (!packUuid(value, this.#buffer, this.#at + 2)) {
      this.#string(value);
      return;
    }
    this.#buffer[this.#at] = 0xc4;
    this.#buffer[this.#at + 1] = UUID_BYTES;
    this.#at += 2 + UUID_BYTES;
  }

  /** A text that often comes again. */
  text(value: string): void {
    const known = this.#texts.get(value);
    if (known !== undefined) {
      this.small(known);
      return;
    }
    this.#texts.set(value, this.#texts.size);
    this.#string(value);
  }

  /** The header is written for the most it could take; MessagePack does not ask for the shortest. */
  #string(value: string): void {
    const bytesMax = value.length * BYTES_PER_UNIT_MAX;
    this.#reserve(SCALAR_BYTES_MAX + bytesMax);
    const isShort = bytesMax < 256;
    const start = this.#at + (isShort ? 2 : 5);
    const bytes = this.#buffer.write(value, start, 'utf8');
    // What is not ASCII might be half a surrogate pair, which would come back as another text.
    assert(bytes === value.length || value.isWellFormed(), 'a text in the journal is well-formed Unicode');
    if (isShort) {
      this.#buffer[this.#at] = 0xd9;
      this.#buffer[this.#at + 1] = bytes;
    } else {
      this.#buffer[this.#at] = 0xdb;
      this.#view.setUint32(this.#at + 1, bytes);
    }
    this.#at = start + bytes;
  }

  #wide(value: bigint): void {
    let bytes = 9;
    while (BigInt.asIntN(8 * bytes, value) !== value) bytes += 1;
    assert(bytes < 256, 'an integer in the journal has fewer than 2,040 bits');
    this.#reserve(SCALAR_BYTES_MAX + bytes);
    const hex = BigInt.asUintN(8 * bytes, value)
      .toString(16)
      .padStart(2 * bytes, '0');
    this.#buffer[this.#at] = 0xc7;
    this.#buffer[this.#at + 1] = bytes;
    this.#buffer[this.#at + 2] = EXTENSION_WIDE_INTEGER;
    this.#buffer.write(hex, this.#at + 3, 'hex');
    this.#at += 3 + bytes;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}
