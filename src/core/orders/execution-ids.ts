/** Remembers which executions were applied: today's, yesterday's, and those of orders that work on. Each counts once. */
import { digest32 } from '../values/digest.ts';
import type { ExecutionId } from '../values/names.ts';

const SEED_HIGH = 0x2f0b4c47;
const SEED_LOW = 0x5bd1e995;
const CAPACITY_FIRST = 1024;
/** Of every 100 slots, at most this many are taken: probing stays short and 12 bytes an id suffice. */
const LOAD_MAX_PERCENT = 80;

/**
 * A set of 64-bit digests in one flat array: 10 to 15 bytes an execution. Two different ids share a digest with
 * a chance of n²/2^65, 3e-8 for a million a day; the second would then be held back as heard before.
 */
class DigestSet {
  #slots = new Uint32Array(2 * CAPACITY_FIRST);
  #size = 0;

  has(high: number, low: number): boolean {
    const slot = this.#slotOf(high, low);
    return this.#slots[slot] !== 0 || this.#slots[slot + 1] !== 0;
  }

  add(high: number, low: number): void {
    if (100 * (this.#size + 1) > LOAD_MAX_PERCENT * (this.#slots.length / 2)) this.#grow();
    const slot = this.#slotOf(high, low);
    if (this.#slots[slot] !== 0 || this.#slots[slot + 1] !== 0) return;
    this.#slots[slot] = high;
    this.#slots[slot + 1] = low;
    this.#size++;
  }

  dump(): readonly unknown[] {
    return [this.#size, new Uint8Array(this.#slots.slice().buffer)];
  }

  static restore(dump: readonly unknown[]): DigestSet {
    const set = new DigestSet();
    const [size, bytes] = dump as [number, Uint8Array];
    set.#size = size;
    set.#slots = new Uint32Array(bytes.slice().buffer);
    return set;
  }

  /** Where the digest stands, or the free slot where it would. Linear probing; a free slot is (0, 0). */
  #slotOf(high: number, low: number): number {
    const capacity = this.#slots.length / 2;
    let index = Math.floor((high / 0x1_0000_0000) * capacity);
    for (;;) {
      const slot = 2 * index;
      const h = this.#slots[slot];
      const l = this.#slots[slot + 1];
      if ((h === 0 && l === 0) || (h === high && l === low)) return slot;
      index = index + 1 === capacity ? 0 : index + 1;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * Math.ceil((old.length * 3) / 4));
    for (let slot = 0; slot < old.length; slot += 2) {
      const high = old[slot] as number;
      const low = old[slot + 1] as number;
      if (high === 0 && low === 0) continue;
      const free = this.#slotOf(high, low);
      this.#slots[free] = high;
      this.#slots[free + 1] = low;
    }
  }
}

export class ExecutionIds {
  #today = new DigestSet();
  #yesterday = new DigestSet();
  #id = '' as ExecutionId;
  #high = 0;
  #low = 0;

  has(id: ExecutionId): boolean {
    this.#digest(id);
    return this.#today.has(this.#high, this.#low) || this.#yesterday.has(this.#high, this.#low);
  }

  add(id: ExecutionId): void {
    this.#digest(id);
    this.#today.add(this.#high, this.#low);
  }

  /** Kept for the id last asked for: `decide` asks for an id, and `evolve` adds it next. */
  #digest(id: ExecutionId): void {
    if (id === this.#id) return;
    this.#id = id;
    this.#high = digest32(id, SEED_HIGH);
    this.#low = digest32(id, SEED_LOW) || 1; // (0, 0) means free
  }

  startDay(): void {
    this.#yesterday = this.#today;
    this.#today = new DigestSet();
  }

  dump(): readonly unknown[] {
    return [this.#today.dump(), this.#yesterday.dump()];
  }

  static restore(dump: readonly unknown[]): ExecutionIds {
    const ids = new ExecutionIds();
    const [today, yesterday] = dump as [readonly unknown[], readonly unknown[]];
    ids.#today = DigestSet.restore(today);
    ids.#yesterday = DigestSet.restore(yesterday);
    return ids;
  }
}
