/** Work that only one may do at a time: whoever cannot begin at once tries again for a while. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../faults/fault.ts';

/** How long somebody tries to begin, in milliseconds. */
const PATIENCE_MS = 5_000;
/** Between two tries, in milliseconds, more or less: so that two do not try in step for ever. */
const RETRY_MS = 25;

/** Begins, and resolves with how to end; undefined: somebody else is at it. */
export type Begin = () => Promise<(() => Promise<void>) | undefined>;

/** @throws Fault LIMITS_BUSY: others were at it all the time, and nothing was done; and as `begin` and `work` do */
export async function oneAtATime<T>(
  begin: Begin,
  work: () => Promise<T>,
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const end = await begin();
    if (end !== undefined) return await endedBy(end, work);
    if (performance.now() >= untilMs) throw new Fault('LIMITS_BUSY');
    await sleep(RETRY_MS * (0.5 + Math.random()));
  }
}

async function endedBy<T>(end: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await end();
  }
}
