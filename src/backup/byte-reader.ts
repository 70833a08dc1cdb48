/** Takes exact lengths out of a stream whose chunks may end anywhere. */
import { Fault } from '../faults/fault.ts';

export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isOver = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** @throws Fault BACKUP_INVALID: the stream ends before that */
  async take(length: number): Promise<Buffer> {
    while (this.#heldBytes < length && !this.#isOver) await this.#pull();
    if (this.#heldBytes < length) throw new Fault('BACKUP_INVALID', 'it is cut off');
    const all = this.#held.length === 1 ? this.#held[0] : Buffer.concat(this.#held); // joined once for what is large
    const taken = (all ?? Buffer.alloc(0)).subarray(0, length);
    const rest = (all ?? Buffer.alloc(0)).subarray(length);
    this.#held = rest.length === 0 ? [] : [rest];
    this.#heldBytes = rest.length;
    return taken;
  }

  /** What is left where that is less than `length`. */
  async takeUpTo(length: number): Promise<Buffer> {
    while (this.#heldBytes < length && !this.#isOver) await this.#pull();
    return await this.take(Math.min(length, this.#heldBytes));
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#heldBytes === 0 && !this.#isOver) await this.#pull();
    return this.#heldBytes === 0;
  }

  /** Lets go of the source, wherever it stands. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#source.return?.();
  }

  async #pull(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done === true) {
      this.#isOver = true;
      return;
    }
    if (value.length === 0) return;
    const chunk = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.length);
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
  }
}
