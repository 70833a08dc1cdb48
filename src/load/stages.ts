/** What is asked of a deployment, as stages of one rate each: a steady rate, a ramp, or anything else made of them. */
import { Fault } from '../faults/fault.ts';

export interface Stage {
  readonly name: string;
  /** Requests that fall due in a second, on average. */
  readonly rate: number;
  readonly seconds: number;
  /** Its figures are shown and count for nothing: caches fill, connections open, the compiler learns. */
  readonly isWarmUp: boolean;
}

/** Each keeps its histograms: a thousand take some 80 MB. */
const STAGES_MAX = 1_000;
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600 };
export const RATE_MAX = 1_000_000;

export const stageOf = (rate: number, seconds: number, name = `${rate}/s`): Stage => ({
  name,
  rate,
  seconds,
  isWarmUp: false,
});

export const warmUpOf = (rate: number, seconds: number): Stage => ({
  name: 'warm-up',
  rate,
  seconds,
  isWarmUp: true,
});

export const secondsOf = (stages: readonly Stage[]): number =>
  stages.reduce((sum, { seconds }) => sum + seconds, 0);

/** `90`, `90s`, `500ms`, `2m` or `1h` in seconds. @throws Fault ARGUMENT_INVALID */
export function readDuration(text: string): number {
  const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? 1);
  if (seconds > 0 && seconds <= 7 * 86_400) return seconds;
  throw new Fault('ARGUMENT_INVALID', `a duration is 500ms, 90s, 2m or 1h, up to 168h: ${text}`);
}

/** `500`. @throws Fault ARGUMENT_INVALID */
export function readRate(text: string): number {
  const rate = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (rate > 0 && rate <= RATE_MAX) return rate;
  throw new Fault('ARGUMENT_INVALID', `a rate is above 0 and up to ${RATE_MAX} requests a second: ${text}`);
}

/** `100:5000:100/10s`: from 100 to 5,000 requests a second by 100, ten seconds each. @throws Fault ARGUMENT_INVALID */
export function readRamp(text: string): readonly Stage[] {
  const [from, to, rest = ''] = text.split(':');
  const [by, each] = rest.split('/');
  if (from === undefined || to === undefined || by === undefined || each === undefined) {
    throw new Fault('ARGUMENT_INVALID', `a ramp is FROM:TO:BY/TIME, such as 100:5000:100/10s: ${text}`);
  }
  const [first, last, step] = [readRate(from), readRate(to), readRate(by)];
  const seconds = readDuration(each);
  const count = Math.floor(Math.abs(last - first) / step + 1e-9) + 1;
  if (count > STAGES_MAX)
    throw new Fault('ARGUMENT_INVALID', `a ramp has at most ${STAGES_MAX} steps: ${text}`);
  const direction = last < first ? -1 : 1;
  return Array.from({ length: count }, (_, i) => stageOf(first + direction * i * step, seconds));
}
