/** Many short texts as bytes: in pieces of large buffers, for a buffer of its own costs more than its text. */

const SLAB_BYTES = 262_144;
/** A UTF-16 unit becomes at most so many bytes of UTF-8. */
const UNIT_BYTES_MAX = 3;

export class Slab {
  #slab = Buffer.alloc(0);
  #used = 0;

  /** UTF-8. The bytes are never written again; a large buffer is freed with the last of its texts. */
  bytesOf(text: string): Buffer {
    const most = text.length * UNIT_BYTES_MAX;
    if (most > SLAB_BYTES) return Buffer.from(text);
    if (this.#used + most > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    const begin = this.#used;
    this.#used += this.#slab.write(text, begin);
    return this.#slab.subarray(begin, this.#used);
  }
}
