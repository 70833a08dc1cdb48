/** Every order the deployment has acknowledged, in 26 bytes each, so that a long run can be held against it at the end. */

/** 26 MB. Orders beyond it are counted, and said not to be verified. */
const KEPT_MAX = 1_000_000;
const KEPT_FIRST = 4_096;
const ID_BYTES = 16;
const DASHES = [8, 12, 16, 20] as const;

export interface Acknowledged {
  readonly orderId: string;
  /** The run's number of the order: its client order id ends with it. */
  readonly number: number;
  readonly trader: number;
}

export class Ledger {
  #ids = Buffer.alloc(KEPT_FIRST * ID_BYTES);
  #numbers = new Float64Array(KEPT_FIRST);
  #traders = new Uint16Array(KEPT_FIRST);
  #kept = 0;
  /** All that were acknowledged. */
  count = 0;

  /** How many can be read again. */
  get kept(): number {
    return this.#kept;
  }

  add({ orderId, number, trader }: Acknowledged): void {
    this.count += 1;
    if (this.#kept >= KEPT_MAX) return;
    if (this.#kept === this.#numbers.length) this.#grow();
    const written = this.#ids.write(orderId.replaceAll('-', ''), this.#kept * ID_BYTES, ID_BYTES, 'hex');
    if (written !== ID_BYTES) return; // no UUID: counted, and not kept
    this.#numbers[this.#kept] = number;
    this.#traders[this.#kept] = trader;
    this.#kept += 1;
  }

  at(index: number): Acknowledged {
    const begin = index * ID_BYTES;
    const hex = this.#ids.toString('hex', begin, begin + ID_BYTES);
    const parts = [0, ...DASHES].map((from, i) => hex.slice(from, DASHES[i]));
    return { orderId: parts.join('-'), number: this.#numbers[index] ?? 0, trader: this.#traders[index] ?? 0 };
  }

  #grow(): void {
    const size = Math.min(KEPT_MAX, 2 * this.#numbers.length);
    const ids = Buffer.alloc(size * ID_BYTES);
    this.#ids.copy(ids);
    this.#ids = ids;
    const numbers = new Float64Array(size);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const traders = new Uint16Array(size);
    traders.set(this.#traders);
    this.#traders = traders;
  }
}
