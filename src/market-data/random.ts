/**
 * Seeded dice, the same on every machine: xoshiro128** by Blackman and Vigna, in 32-bit integer arithmetic.
 */
import { assert } from '../core/values/assert.ts';

const WORDS = 2 ** 32;
/** The odd number nearest to 2^32 divided by the golden ratio: steps that visit every 32-bit number. */
const GOLDEN = 0x9e3779b9;

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/**
 * Murmur3's finaliser: a bijection of 32-bit numbers in which every bit of the input touches every bit of the
 * output.
 */
function mix(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/**
 * One stream of dice. Not for secrets. The period is 2^128 - 1; nothing here calls `Math.log` and its kin,
 * whose last bits the language leaves open, so a seed gives the same numbers wherever it runs.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Takes the generator's whole state: four 32-bit words, not all zero. */
  constructor(state: readonly [number, number, number, number]) {
    assert(
      state.some((word) => word !== 0),
      'xoshiro never leaves the state of all zeros',
    );
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /**
   * A stream from a seed: any integer from 0 to 2^53 - 1. Seeds that differ, even by one bit, give unlike
   * streams.
   */
  static fromSeed(seed: number): Random {
    assert(Number.isSafeInteger(seed) && seed >= 0, 'a seed is an integer from 0 to 2^53 - 1');
    let weyl = mix(seed >>> 0) ^ Math.floor(seed / WORDS);
    const word = (): number => {
      weyl = (weyl + GOLDEN) | 0;
      return mix(weyl);
    };
    // Four different inputs of a bijection: at most one of the words is zero.
    return new Random([word(), word(), word(), word()]);
  }

  /** An integer from 0 to 2^32 - 1. */
  word(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** A double from 0 up to, not including, 1. */
  fraction(): number {
    return this.word() / WORDS;
  }

  /** True with `probability`, which is from 0 to 1. Always throws one die, so that streams stay aligned. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** An integer from 0 to `count - 1`, each equally likely. `count` is from 1 to 2^32. */
  below(count: number): number {
    assert(Number.isInteger(count) && count >= 1 && count <= WORDS, 'a die has 1 to 2^32 faces');
    const fair = WORDS - (WORDS % count); // words from here on would favour the low faces
    for (;;) {
      const word = this.word();
      if (word < fair) return word % count;
    }
  }

  /**
   * A double of mean 0 and deviation 1, nearly normal: the sum of twelve uniform ones less six (so never
   * beyond six). Additions alone, hence the same everywhere.
   */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i += 1) sum += this.fraction();
    return sum;
  }
}
