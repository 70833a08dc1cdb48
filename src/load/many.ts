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

/** Resolves when `next` has no more and all are heard, or `signal` came and those under way are heard. */
export async function performAll<Each extends Ask>(
  transport: Transport,
  next: () => Each | undefined,
  heard: (ask: Each, answer: Answer) => void,
  signal: AbortSignal,
): Promise<void> {
  let underWay = 0;
  for (let ask = next(); ask !== undefined && !signal.aborted; ask = next()) {
    while (underWay >= AT_ONCE || !transport.hasRoom()) {
      await sleep(NAP_MS);
      if (signal.aborted) break;
    }
    if (signal.aborted) break;
    const asked = ask;
    underWay += 1;
    transport.begin(asked.operation, asked.token, (answer) => {
      underWay -= 1;
      heard(asked, answer);
    });
  }
  while (underWay > 0) await sleep(NAP_MS);
}
