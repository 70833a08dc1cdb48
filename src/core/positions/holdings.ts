/** What one account holds of every instrument, and what it has earned there. */
import type { Slot } from '../instruments/instrument.ts';
import { assert } from '../values/assert.ts';
import type { Product } from '../values/fixed-point.ts';
import { FLAT, type Holding } from './holding.ts';

// One row of the table holds an instrument, in one cache line: units, and two amounts of 128 bits, low word first.
const UNITS = 0;
const COST = 1;
const REALISED = 3;
const WORDS = 8;
const ROWS_FIRST = 16;

/**
 * A flat table, like the risk group's: as objects, what ten thousand instruments hold would lie all over the memory,
 * and each collection of young garbage would copy it, since every fill writes it anew.
 */
export class Holdings {
  /** By slot: the row, counted from one; 0 where nothing was ever put. */
  #rows = new Uint32Array(ROWS_FIRST);
  #table = new BigInt64Array(ROWS_FIRST * WORDS);
  #rowCount = 0;

  /** Flat where nothing was ever put. */
  at(slot: Slot): Holding {
    const row = this.#rows[slot] ?? 0;
    if (row === 0) return FLAT;
    const first = (row - 1) * WORDS;
    const units = this.#table[first + UNITS] as bigint;
    return { units, cost: this.#amountAt(first + COST), realised: this.#amountAt(first + REALISED) };
  }

  /** Whatever is held or was earned, in the order of listing. */
  *entries(): Generator<readonly [Slot, Holding]> {
    for (let slot = 0; slot < this.#rows.length; slot++) {
      const holding = this.at(slot);
      if (holding.units !== 0n || holding.realised !== 0n) yield [slot, holding];
    }
  }

  put(slot: Slot, { units, cost, realised }: Holding): void {
    const first = this.#rowOf(slot) * WORDS;
    this.#table[first + UNITS] = units;
    this.#putAmount(first + COST, cost);
    this.#putAmount(first + REALISED, realised);
  }

  #amountAt(word: number): Product {
    const low = BigInt.asUintN(64, this.#table[word] as bigint);
    return (((this.#table[word + 1] as bigint) << 64n) + low) as Product;
  }

  #putAmount(word: number, amount: Product): void {
    const high = amount >> 64n;
    this.#table[word] = BigInt.asIntN(64, amount);
    this.#table[word + 1] = high;
    assert(this.#table[word + 1] === high, 'no amount reaches 2^127 (1e22 of the currency)');
  }

  #rowOf(slot: Slot): number {
    while (slot >= this.#rows.length) {
      const rows = new Uint32Array(2 * this.#rows.length);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    const row = this.#rows[slot] as number;
    if (row > 0) return row - 1;
    if ((this.#rowCount + 1) * WORDS > this.#table.length) {
      const table = new BigInt64Array(2 * this.#table.length);
      table.set(this.#table);
      this.#table = table;
    }
    this.#rowCount++;
    this.#rows[slot] = this.#rowCount;
    return this.#rowCount - 1;
  }
}
