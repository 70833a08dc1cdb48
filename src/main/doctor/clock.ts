/** How far this machine's clock is from another's: deadlines and records of several machines rest on it. */
import { CLOCK_OFF_MS_MAX } from '../../database/clock-check.ts';
import { bad, type Finding, ok, warn } from './finding.ts';

const CLOCK = 'clock';
const WARN_MS = 500;

/** `offsetMs`: how far ahead theirs is at least; negative: behind. */
export function judgeClock(whose: string, offsetMs: number): Finding {
  const apart = Math.abs(offsetMs);
  const side = offsetMs < 0 ? 'ahead of' : 'behind';
  const says = `this machine's is ${(apart / 1_000).toFixed(1)} s ${side} that of ${whose}`;
  const remedy = 'let NTP set the clocks of both machines';
  if (apart > CLOCK_OFF_MS_MAX) return bad(CLOCK, `${says}: no node starts`, remedy);
  return apart > WARN_MS ? warn(CLOCK, says, remedy) : ok(CLOCK, `with that of ${whose}`);
}
