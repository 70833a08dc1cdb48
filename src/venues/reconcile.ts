/**
 * Brings every working order into line with its venue: at each start, and after each recovery of the
 * sequencer.
 */
import type { Settlement } from './lane.ts';
import type { Router } from './router.ts';

export interface Reconciliation {
  /** Orders looked at. */
  readonly total: number;
  /** The venue knew it: all that it ever said of it was told again, and what was news took effect. */
  readonly known: number;
  /** The venue did not know it: what was left of it was placed again under the same id. */
  readonly placedAgain: number;
  /** The venue did not know it, and its cancel was asked for or the kill switch is engaged: canceled. */
  readonly canceled: number;
  /** It was over by the time its turn came. */
  readonly finished: number;
}

export interface ReconcileOptions {
  /** Orders settled at a time. */
  readonly atATime?: number;
  /** Told now and then, and at the end, how many are settled. */
  readonly onProgress?: (settled: number, total: number) => void;
}

const AT_A_TIME = 256;
const PROGRESS_EVERY = 1_000;

/**
 * Asks the venue of each order that the core holds as working. Trading must be closed meanwhile, and the
 * router started, so that what the venue says from here on is not missed.
 * @throws Fault SEQUENCER_STOPPED or JOURNAL_UNAVAILABLE: reconcile again once the sequencer runs
 */
export async function reconcile(router: Router, options: ReconcileOptions = {}): Promise<Reconciliation> {
  const working = await router.workingIds();
  const counts: Record<Settlement, number> = { known: 0, placedAgain: 0, canceled: 0, finished: 0 };
  const queue = working.values();
  let settled = 0;
  const settleNext = async (): Promise<void> => {
    for (const orderId of queue) {
      counts[await router.settle(orderId)] += 1;
      settled += 1;
      if (settled % PROGRESS_EVERY === 0) options.onProgress?.(settled, working.length);
    }
  };
  await Promise.all(Array.from({ length: options.atATime ?? AT_A_TIME }, settleNext));
  options.onProgress?.(settled, working.length);
  return { total: working.length, ...counts };
}
