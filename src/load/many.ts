/** Many operations one after another, a few at a time: for what is done before and after a load, and is no load itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Operation, Transport } from './transport.ts';

export interface Ask {
  readonly operation: Operation;
  readonly token: string;
}

const AT_ONCE = 32;
/** How long to sleep where there is no room, in milliseconds. */
const NAP_MS = 2;
/** Where nothing at all went on for so long, nobody is there any more. Milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Resolves when `next` has no more and all are heard; earlier when `signal` came or nobody is there any more. What
 * `next` gave is heard in any case.
 */
export async function performAll<Each extends Ask>(
  transport: Transport,
  next: () => Each | undefined,
  heard: (ask: Each, answer: Answer) => void,
  signal: AbortSignal,
): Promise<void> {
  let underWay = 0;
  let lastAt = performance.now();
  const mayGoOn = (): boolean => !signal.aborted && performance.now() - lastAt < PATIENCE_MS;
  while (mayGoOn()) {
    if (underWay >= AT_ONCE || !transport.hasRoom()) {
      await sleep(NAP_MS);
      continue;
    }
    const ask = next();
    if (ask === undefined) break;
    underWay += 1;
    lastAt = performance.now();
    transport.begin(ask.operation, ask.token, (answer) => {
      underWay -= 1;
      lastAt = performance.now();
      heard(ask, answer);
    });
  }
  while (underWay > 0) await sleep(NAP_MS);
}
