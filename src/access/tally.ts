/** What all nodes together have used of an allowance. */

/** Bounds what is remembered of anyone, in milliseconds of allowance: two minutes' worth. */
export const USED_MAX_MS = 120_000;

export interface Charge {
  readonly key: string;
  /** Used up now, in milliseconds of allowance. */
  readonly addMs: number;
  /** What this node knows to have been used before. A tally that has forgotten learns it anew. */
  readonly floorMs: number;
}

export interface Tally {
  /** Is it worth asking? */
  readonly isUp: boolean;
  /**
   * What is used up of each, in milliseconds and in order, these charges included; it runs off by itself.
   * @throws Fault CACHE_UNAVAILABLE: it is not known whether they were charged
   */
  charge(charges: readonly Charge[]): Promise<readonly number[]>;
}
