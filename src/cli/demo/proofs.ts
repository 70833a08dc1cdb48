/** What must be true when the day is over, each told with the figures it rests on. */
import type { Amount } from './amounts.ts';
import { counted, shown, worth } from './amounts.ts';
import type { BookedOrder, Books, Fill } from './books.ts';
import { type Ledger, orderIdOf, type Sent } from './ledger.ts';

export interface Proof {
  readonly what: string;
  readonly isGood: boolean;
  readonly figures: string;
}

/** Holds the server's books against what the clients saw. */
export function proofsOf(ledger: Ledger, books: Books): readonly Proof[] {
  return [
    acknowledgedOnce(ledger, books),
    nothingUnheard(ledger, books),
    executedIsFilled(books),
    executionsOnce(books),
    positionsAreFolds(books),
    moneyAddsUp(books),
  ];
}

function acknowledgedOnce(ledger: Ledger, { listed, orders }: Books): Proof {
  const times = countOf(listed);
  const byId = new Map(orders.map((order) => [order.orderId, order]));
  const { acknowledged } = ledger;
  const good = acknowledged.filter((sent) => {
    const id = orderIdOf(sent) ?? '';
    const order = byId.get(id);
    return times.get(id) === 1 && order !== undefined && isSame(sent, order);
  });
  return {
    what: 'every acknowledged order is there exactly once, as it was sent',
    isGood: good.length === acknowledged.length && good.length > 0,
    figures: `${counted(good.length)} of ${counted(acknowledged.length)}`,
  };
}

const isSame = ({ user, order }: Sent, booked: BookedOrder): boolean =>
  booked.user === user &&
  booked.symbol === order.symbol &&
  booked.side === order.side &&
  booked.type === order.type &&
  booked.quantity === order.quantity &&
  booked.price === order.price &&
  booked.clientOrderId === order.clientOrderId;

/** An order that nobody was told of, in the books all the same, would be one that was taken twice. */
function nothingUnheard(ledger: Ledger, { orders }: Books): Proof {
  const known = new Set(ledger.acknowledged.map(orderIdOf));
  const strangers = orders.filter(({ orderId }) => !known.has(orderId)).length;
  const accepted = orders.filter(({ status }) => status !== 'REJECTED');
  const doubled = [...countOf(accepted.map(({ clientOrderId }) => clientOrderId ?? '')).values()];
  const isGood = strangers === 0 && doubled.every((times) => times === 1);
  return { what: 'no order is there that nobody was told of', isGood, figures: `${strangers} strangers` };
}

function executedIsFilled({ orders, fills }: Books): Proof {
  const sums = new Map<string, Amount>();
  for (const { orderId, quantity } of fills) sums.set(orderId, (sums.get(orderId) ?? 0n) + quantity);
  const wrong = orders.filter(({ orderId, executed }) => executed !== (sums.get(orderId) ?? 0n));
  const over = orders.filter(({ executed, quantity }) => executed > quantity);
  return {
    what: 'what each order executed is the sum of its fills, never more than asked',
    isGood: wrong.length === 0 && over.length === 0,
    figures: `${counted(fills.length)} fills`,
  };
}

function executionsOnce({ fills }: Books): Proof {
  const distinct = new Set(fills.map(({ executionId }) => executionId)).size;
  return {
    what: 'every execution counted once',
    isGood: distinct === fills.length,
    figures: `${counted(distinct)} executions`,
  };
}

const signedQuantity = ({ side, quantity }: Fill): Amount => (side === 'BUY' ? quantity : -quantity);

function positionsAreFolds({ fills, positions }: Books): Proof {
  const folded = new Map<string, Amount>();
  for (const fill of fills) folded.set(fill.symbol, (folded.get(fill.symbol) ?? 0n) + signedQuantity(fill));
  const booked = new Map(positions.map(({ symbol, quantity }) => [symbol, quantity]));
  const symbols = new Set([...folded.keys(), ...booked.keys()]);
  const wrong = [...symbols].filter((symbol) => (folded.get(symbol) ?? 0n) !== (booked.get(symbol) ?? 0n));
  return {
    what: 'positions are the fold of the fills',
    isGood: wrong.length === 0,
    figures: wrong.length === 0 ? [...symbols].join(', ') : `not ${wrong.join(', ')}`,
  };
}

/** Whatever way average prices are kept, profit is what is held, at its worth, less the cash that went out. */
function moneyAddsUp({ fills, positions, realised }: Books): Proof {
  const paid = fills.reduce((sum, fill) => sum + worth(fill.price, signedQuantity(fill)), 0n);
  const held = positions.reduce((sum, { marketValue }) => sum + marketValue, 0n);
  const unrealised = positions.reduce((sum, position) => sum + position.unrealised, 0n);
  const difference = held - paid - (realised + unrealised);
  const grain = BigInt(fills.length + 10 * positions.length + 10); // every amount is rounded to 1e-8 once
  return {
    what: 'realised and unrealised profit are what is held less what was paid',
    isGood: difference <= grain && difference >= -grain,
    figures: `${shown(held - paid, 4)} both ways`,
  };
}

function countOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
