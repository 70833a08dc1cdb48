/** What a load would leave behind: orders that still rest are canceled, and what could not be put away is told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ask, performAll } from './many.ts';
import type { Trader } from './trader.ts';
import type { Answer, Transport } from './transport.ts';

/** Whoever was too busy a moment ago is asked again, after a pause that doubles. */
const ROUNDS = 4;
const PAUSE_MS = 250;
const CLEAN_UP_MS_MAX = 60_000;

/** Of a cancel: has it come to nothing, as far as is known, so that its order must be canceled again? */
export const mayStillWork = ({ kind, outcome }: Answer): boolean =>
  kind === 'failed' && outcome !== '404 ORDER_UNKNOWN';

interface Cancel extends Ask {
  readonly trader: Trader;
  readonly orderId: string;
}

/** Cancels what still rests: a load leaves no orders working. Resolves with what it could not do, in words. */
export async function cancelWorking(
  traders: readonly Trader[],
  transport: Transport,
  tell: (says: string) => void,
): Promise<readonly string[]> {
  tell('canceling what still rests');
  const isOver = AbortSignal.timeout(CLEAN_UP_MS_MAX);
  let example = '';
  for (let round = 0; round < ROUNDS && restingOf(traders) > 0 && !isOver.aborted; round++) {
    if (round > 0) await sleep(PAUSE_MS * 2 ** (round - 1));
    const again: Cancel[] = [];
    let asked = 0;
    const next = (): Cancel | undefined => {
      const cancel = nextOf(traders);
      if (cancel !== undefined) asked += 1;
      return cancel;
    };
    const heard = (cancel: Cancel, answer: Answer): void => {
      if (!mayStillWork(answer)) return;
      again.push(cancel);
      example = answer.outcome;
    };
    await performAll(transport, next, heard, isOver);
    for (const { trader, orderId } of again) trader.rests(orderId);
    if (asked === 0) break; // nobody is there any more
  }
  const left = restingOf(traders);
  if (left === 0) return [];
  const why = example || 'no time left';
  const remedy = 'GET /api/v1/orders?status=EXECUTING lists them to their trader and to an admin';
  return [`${left} resting orders could not be canceled (${why}): ${remedy}`];
}

const restingOf = (traders: readonly Trader[]): number =>
  traders.reduce((sum, { resting }) => sum + resting, 0);

function nextOf(traders: readonly Trader[]): Cancel | undefined {
  for (const trader of traders) {
    const orderId = trader.takeWorking();
    if (orderId === undefined) continue;
    return { operation: { kind: 'cancel', orderId }, token: trader.token, trader, orderId };
  }
  return undefined;
}

/** What else went wrong beside the requests of `traders`, in words. */
export function leftBy(traders: readonly Trader[]): readonly string[] {
  const sumOf = (what: 'forgotten' | 'unheard' | 'renewalsFailed'): number =>
    traders.reduce((sum, trader) => sum + trader[what], 0);
  const [forgotten, unheard, unrenewed] = [sumOf('forgotten'), sumOf('unheard'), sumOf('renewalsFailed')];
  return [
    ...(forgotten > 0 ? [`${forgotten} orders were too many to remember: they rest still`] : []),
    ...(unheard > 0
      ? [
          `${unheard} orders that were to rest had no answer with an order id: those that were placed rest still`,
        ]
      : []),
    ...(unrenewed > 0 ? [`tokens could not be renewed ${unrenewed} times`] : []),
  ];
}
