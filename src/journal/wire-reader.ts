/** Reads what the wire writer wrote, and nothing else: every mismatch is corruption, never a guess. */
import { UUID_BYTES, unpackUuid } from './packed-uuid.ts';
import { EXTENSION_WIDE_INTEGER } from './wire-writer.ts';

/** The bytes are not what the writer writes. Turned into a Fault by the codec, which knows the row. */
export class WireMismatch extends Error {
  override readonly name = 'WireMismatch';
}

export class WireReader {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  #at = 0;
  readonly #texts: string[] = [];

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  }

  /** @throws WireMismatch unless every byte has been read */
  end(): void {
    if (this.#at !== this.#buffer.length) this.#mismatch('the end');
  }

  /** The number of items that follow. */
  array(): number {
    const mark = this.#view.getUint8(this.#at);
    if (mark >= 0x90 && mark < 0xa0) {
      this.#at += 1;
      return mark & 0x0f;
    }
    if (mark !== 0xdd) this.#mismatch('an array');
    this.#at += 5;
    return this.#view.getUint32(this.#at - 4);
  }

  /** @throws WireMismatch unless exactly `length` items follow */
  arrayOf(length: number): void {
    if (this.array() !== length) this.#mismatch(`an array of ${length}`);
  }

  small(): number {
    const mark = this.#view.getUint8(this.#at);
    if (mark < 128) {
      this.#at += 1;
      return mark;
    }
    if (mark !== 0xce) this.#mismatch('a small number');
    this.#at += 5;
    return this.#view.getUint32(this.#at - 4);
  }

  micros(): number {
    if (this.#view.getUint8(this.#at) !== 0xcf) this.#mismatch('microseconds');
    this.#at += 9;
    return this.#view.getUint32(this.#at - 8) * 0x1_0000_0000 + this.#view.getUint32(this.#at - 4);
  }

  fixed(): bigint {
    if (this.#view.getUint8(this.#at) !== 0xd3) return this.#wide();
    this.#at += 9;
    return this.#view.getBigInt64(this.#at - 8);
  }

  flag(): boolean {
    const mark = this.#view.getUint8(this.#at);
    if (mark !== 0xc2 && mark !== 0xc3) this.#mismatch('a flag');
    this.#at += 1;
    return mark === 0xc3;
  }

  /** Is the next value absent? It is read over if so. */
  isNothing(): boolean {
    if (this.#view.getUint8(this.#at) !== 0xc0) return false;
    this.#at += 1;
    return true;
  }

  id(): string {
    if (this.#view.getUint8(this.#at) !== 0xc4) return this.#string();
    const isWhole =
      this.#view.getUint8(this.#at + 1) === UUID_BYTES && this.#at + 2 + UUID_BYTES <= this.#buffer.length;
    if (!isWhole) this.#mismatch('a whole UUID');
    this.#at += 2 + UUID_BYTES;
    return unpackUuid(this.#buffer, this.#at - UUID_BYTES);
  }

  text(): string {
    const mark = this.#view.getUint8(this.#at);
    if (mark === 0xd9 || mark === 0xdb) {
      const text = this.#string();
      this.#texts.push(text);
      return text;
    }
    const text = this.#texts[this.small()];
    if (text === undefined) this.#mismatch('the number of a text before it');
    return text;
  }

  #string(): string {
    const mark = this.#view.getUint8(this.#at);
    let start = this.#at + 2;
    let bytes = 0;
    if (mark === 0xd9) {
      bytes = this.#view.getUint8(this.#at + 1);
    } else if (mark === 0xdb) {
      bytes = this.#view.getUint32(this.#at + 1);
      start = this.#at + 5;
    } else {
      this.#mismatch('a text');
    }
    const end = start + bytes;
    if (end > this.#buffer.length) this.#mismatch('a whole text');
    this.#at = end;
    return this.#buffer.toString('utf8', start, end);
  }

  #wide(): bigint {
    const isWide =
      this.#view.getUint8(this.#at) === 0xc7 && this.#view.getUint8(this.#at + 2) === EXTENSION_WIDE_INTEGER;
    if (!isWide) this.#mismatch('an integer');
    const bytes = this.#view.getUint8(this.#at + 1);
    const start = this.#at + 3;
    if (bytes === 0 || start + bytes > this.#buffer.length) this.#mismatch('a whole integer');
    this.#at = start + bytes;
    return BigInt.asIntN(8 * bytes, BigInt(`0x${this.#buffer.toString('hex', start, start + bytes)}`));
  }

  #mismatch(expected: string): never {
    throw new WireMismatch(`${expected} was expected at byte ${this.#at} of ${this.#buffer.length}`);
  }
}
