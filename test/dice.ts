/** Dice for tests that must be thrown again: one seed, printed with every failure, tells the whole run. */
import { Random } from '../src/market-data/random.ts';

export class Dice {
  readonly seed: number;
  readonly #random: Random;

  /** `ITIRP_SEED` throws an earlier run's dice again. */
  constructor(seed = Number(process.env.ITIRP_SEED ?? Date.now() % 1_000_000)) {
    this.seed = seed;
    this.#random = Random.fromSeed(seed);
  }

  /** A whole number from `least` to below `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#random.fraction() * (most - least));
  }

  chance(part: number): boolean {
    return this.#random.chance(part);
  }

  one<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.whole(0, choices.length)] ?? choices[0];
  }
}
