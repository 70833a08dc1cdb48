/** How a door is closed without turning anybody away: told first, emptied then, shut last. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '../../telemetry/readiness.ts';

/** How long connections are let go of, one by one as they are answered, in milliseconds. */
const LEAVE_MS = 1_000;

/**
 * For `drainMs` the node says that it is not ready and serves all the same, so that a load balancer finds out; then it
 * hangs up after each answer; then it closes, and what is under way is answered. 0: closes at once.
 */
export async function drainAndClose(
  door: { close(): PromiseLike<unknown> },
  readiness: Readiness,
  drainMs: number,
): Promise<void> {
  readiness.drain();
  await sleep(drainMs);
  readiness.leave();
  await sleep(Math.min(LEAVE_MS, drainMs));
  await door.close();
}
