/** Is every acknowledged order there exactly once? Each is asked for, and the lists are searched for seconds of them. */
import type { Control } from './control.ts';
import { clientOrderIdOf } from './flow.ts';
import type { Acknowledged, Ledger } from './ledger.ts';
import { type Ask, performAll } from './many.ts';
import type { Trader } from './trader.ts';
import type { Answer, Transport } from './transport.ts';

export interface Verified {
  readonly acknowledged: number;
  /** Found under the order id we were given, with the client order id we gave. */
  readonly held: number;
  /** Acknowledged, and not there: lost. */
  readonly missing: number;
  /** Acknowledged, and there as another order. */
  readonly strange: number;
  /** There under a second order id. */
  readonly twice: number;
  /** Acknowledged, and not found out: nobody answered, or there were too many to remember. */
  readonly unread: number;
  /** There, and never acknowledged: their answers were lost or late. No fault, as nobody was told otherwise. */
  readonly unacknowledged: number;
  /** The first of those that are wrong. */
  readonly examples: readonly string[];
  readonly isSound: boolean;
}

export interface VerifyParts {
  readonly ledger: Ledger;
  readonly traders: readonly Trader[];
  readonly transport: Transport;
  readonly control: Control;
  readonly run: string;
  /** Lists are searched back to here. */
  readonly since: Date;
  readonly tell: (says: string) => void;
  readonly signal: AbortSignal;
}

/** Whoever does not answer is asked again so often: read models may need a moment after a load. */
const ROUNDS = 5;
const EXAMPLES_MAX = 10;
/** The deployment's clock may differ from ours, in milliseconds. */
const CLOCKS_DIFFER_MS = 300_000;

interface Look extends Ask {
  readonly index: number;
}

export async function verify(parts: VerifyParts): Promise<Verified> {
  const { ledger, signal } = parts;
  const found = { held: 0, missing: 0, strange: 0, twice: 0, unacknowledged: 0 };
  const examples: string[] = [];
  const note = (says: string): void => void (examples.length < EXAMPLES_MAX && examples.push(says));

  let open = Array.from({ length: ledger.kept }, (_, index) => index);
  for (let round = 0; round < ROUNDS && open.length > 0 && !signal.aborted; round++) {
    open = await lookAt(parts, open, (order, answer) => {
      const name = clientOrderIdOf(parts.run, order.number);
      if (answer.kind === 'good' && answer.clientOrderId === name) found.held += 1;
      else if (answer.kind === 'good') {
        found.strange += 1;
        note(`${order.orderId} is ${answer.clientOrderId ?? 'without a name'}, not ${name}`);
      } else {
        found.missing += 1;
        note(`${order.orderId} (${name}) is not there`);
      }
    });
  }
  const others = await searchLists(parts);
  found.twice = others.twice.length;
  found.unacknowledged = others.unacknowledged;
  for (const says of others.twice) note(says);
  const unread = open.length + (ledger.count - ledger.kept) + others.unread;
  const isSound = found.missing + found.strange + found.twice + unread === 0;
  return { acknowledged: ledger.count, ...found, unread, examples, isSound };
}

/** Asks for each order; resolves with those of which nothing is known yet. */
async function lookAt(
  { ledger, traders, transport, tell, signal }: VerifyParts,
  indexes: readonly number[],
  settle: (order: Acknowledged, answer: Answer) => void,
): Promise<number[]> {
  const open: number[] = [];
  let at = 0;
  const next = (): Look | undefined => {
    const index = indexes[at];
    if (index === undefined) return undefined;
    at += 1;
    if (at % 1000 === 0) tell(`verifying: ${at} of ${indexes.length} orders`);
    const { orderId, trader } = ledger.at(index);
    return { operation: { kind: 'get', orderId }, token: traders[trader]?.token ?? '', index };
  };
  await performAll(
    transport,
    next,
    ({ index }, answer) => {
      const isKnown = answer.kind === 'good' || answer.outcome === '404 ORDER_UNKNOWN';
      if (isKnown) settle(ledger.at(index), answer);
      else open.push(index);
    },
    signal,
  );
  return [...open, ...indexes.slice(at)];
}

interface Others {
  readonly twice: readonly string[];
  readonly unacknowledged: number;
  readonly unread: number;
}

/** Orders in the traders' lists that nobody acknowledged: are they seconds of some that were? */
async function searchLists(parts: VerifyParts): Promise<Others> {
  const { ledger, run, transport, signal } = parts;
  const acknowledged = new Set<string>();
  const numbers = new Set<number>();
  for (let i = 0; i < ledger.kept; i++) {
    const { orderId, number } = ledger.at(i);
    acknowledged.add(orderId);
    numbers.add(number);
  }
  const unknown = await listed(parts, acknowledged);
  const twice: string[] = [];
  let unacknowledged = 0;
  let unread = unknown.lists;
  let at = 0;
  await performAll(
    transport,
    () => unknown.asks[at++],
    (ask, answer) => {
      if (answer.kind !== 'good') unread += 1;
      const name = answer.clientOrderId ?? '';
      if (!name.startsWith(`${run}-`)) return; // somebody else's
      if (numbers.has(Number(name.slice(run.length + 1))))
        twice.push(`${name} is there again as ${ask.orderId}`);
      else unacknowledged += 1;
    },
    signal,
  );
  unread += Math.max(0, unknown.asks.length - at); // those there was no time for
  return { twice, unacknowledged, unread };
}

interface Stranger extends Ask {
  readonly orderId: string;
}

/** What the lists hold since the run began, less what was acknowledged; and how many lists could not be read. */
async function listed(
  { traders, control, since, tell, signal }: VerifyParts,
  acknowledged: ReadonlySet<string>,
): Promise<{ asks: readonly Stranger[]; lists: number }> {
  const asks = new Map<string, Stranger>();
  const oldest = since.getTime() - CLOCKS_DIFFER_MS;
  let lists = 0;
  for (const trader of traders) {
    let cursor: string | null = null;
    try {
      for (let page = 1; !signal.aborted; page++) {
        tell(`verifying: page ${page} of the orders of ${trader.name}`);
        const { orders, next_cursor } = await control.orders(trader.token, cursor);
        for (const { order_id: orderId } of orders) {
          if (acknowledged.has(orderId)) continue;
          asks.set(orderId, { operation: { kind: 'get', orderId }, token: trader.token, orderId });
        }
        const last = orders.at(-1);
        cursor = next_cursor;
        if (cursor === null || last === undefined || Date.parse(last.created_at) < oldest) break;
      }
    } catch {
      lists += 1;
    }
  }
  return { asks: [...asks.values()], lists };
}
