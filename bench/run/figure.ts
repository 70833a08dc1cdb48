/** One measured figure: what it is, what it should be, and whether it is. */

/** The bound a figure has to keep. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

export interface Figure {
  /** What was measured, as a row of the table says it. */
  readonly name: string;
  /** The median of the repetitions. */
  readonly value: number;
  /** `orders/s`, `×`, `MB`, `s`. */
  readonly unit: string;
  /** Undefined for a figure that is only told: a baseline, a latency. */
  readonly target?: Target;
  /** The repetitions that the median was taken of, in their order. */
  readonly samples: readonly number[];
  /** What it was held against, or what else a reader should know. */
  readonly note?: string;
}

export type Verdict = 'met' | 'MISSED' | 'told';

export function verdictOf({ value, target }: Pick<Figure, 'value' | 'target'>): Verdict {
  if (target === undefined) return 'told';
  const isMet = 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
  return isMet ? 'met' : 'MISSED';
}

/** The middle of `samples`; of an even number, halfway between the two in the middle. */
export function medianOf(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The value that the part `quantile` (0 to 1) of `sorted` does not exceed. */
export function quantileOf(sorted: ArrayLike<number>, quantile: number): number {
  const index = Math.min(sorted.length - 1, Math.ceil(quantile * sorted.length) - 1);
  return sorted[Math.max(0, index)] ?? Number.NaN;
}

type Told = Partial<Pick<Figure, 'target' | 'note'>>;

/** A figure as the median of its repetitions. */
export const figureOf = (
  name: string,
  unit: string,
  samples: readonly number[],
  told: Told = {},
): Figure => ({ name, value: medianOf(samples), unit, samples, ...told });

/** Part by part: the ratio of two series that were measured in turns. */
export const ratiosOf = (above: readonly number[], below: readonly number[]): number[] =>
  above.map((value, i) => value / (below[i] ?? Number.NaN));
