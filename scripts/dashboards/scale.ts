/** An axis: which values it shows, where a value stands on it, and which of them are written beside it. */

export interface Scale {
  readonly low: number;
  readonly high: number;
  /** 0 at `low`, 1 at `high`; what is beyond stands at the edge. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

const TICKS = 4;
const bounded = (part: number): number => Math.min(1, Math.max(0, part));

/** What is known of an axis before any value is. */
export interface Bounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** What steps are multiples of: 1, or a mebibyte. */
  readonly quantum?: number;
}

/** Even steps of 1, 2, 2.5 or 5 times a power of ten; `min` and `max` hold where they are given. */
export function linear(values: readonly number[], { min, max, quantum = 1 }: Bounds = {}): Scale {
  const known = values.filter(Number.isFinite);
  const least = min ?? Math.min(0, ...known);
  const most = max ?? Math.max(least, ...known);
  const span = most > least ? most - least : quantum; // nothing but zeros still has a scale
  const step = stepOf(span / TICKS / quantum) * quantum;
  const low = min ?? Math.floor(least / step) * step;
  const high = max ?? Math.max(Math.ceil((most / step) * 0.9999) * step, low + (most > least ? step : span));
  const count = Math.round((high - low) / step);
  const ticks = Array.from({ length: count + 1 }, (_, index) => low + index * step);
  return { low, high, ticks, at: (value) => bounded((value - low) / (high - low)) };
}

function stepOf(about: number): number {
  const power = 10 ** Math.floor(Math.log10(about));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= about * 0.999) ?? 10;
  return factor * power;
}

/** Whole powers of ten around the values. */
export function logarithmic(values: readonly number[]): Scale {
  const known = values.filter((value) => Number.isFinite(value) && value > 0);
  const least = known.length === 0 ? 0.001 : Math.min(...known);
  const most = known.length === 0 ? 1 : Math.max(...known);
  const low = Math.floor(Math.log10(least) + 1e-9);
  const high = Math.max(Math.ceil(Math.log10(most) - 1e-9), low + 1);
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  const at = (value: number): number => (value <= 0 ? 0 : bounded((Math.log10(value) - low) / (high - low)));
  return { low: 10 ** low, high: 10 ** high, ticks, at };
}

/** Whole minutes (or more) between two moments in seconds, a few of them. */
export function momentsBetween(from: number, to: number): readonly number[] {
  const steps = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];
  const step = steps.find((each) => (to - from) / each <= 5) ?? 86_400;
  const first = Math.ceil(from / step) * step;
  const count = Math.floor((to - first) / step) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => first + index * step);
}
