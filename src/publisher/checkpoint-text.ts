/** The publisher's knowledge as text to be kept, and back. A version that is not ours is as good as none. */
import type { Side } from '../core/orders/order.ts';
import type { Product, Quantity } from '../core/values/fixed-point.ts';
import type { AccountId, CorrelationId, OrderId, Ticker } from '../core/values/names.ts';
import type { Checkpoint } from './published.ts';
import { type Held, Standings, type Working } from './standings.ts';

/** Of the text below: raise it when that changes, and the journal is read from its beginning once. */
const VERSION = 1;

type WorkingRow = readonly [
  orderId: string,
  correlationId: string,
  account: string,
  ticker: string,
  side: Side,
  quantity: string,
  filled: string,
  filledProduct: string,
  isStarted: boolean,
];
type HeldRow = readonly [account: string, ticker: string, units: string, cost: string, realised: string];

interface Text {
  readonly version: number;
  readonly working: readonly WorkingRow[];
  readonly held: readonly HeldRow[];
}

export function checkpointOf(standings: Standings): Checkpoint {
  const text: Text = {
    version: VERSION,
    working: Array.from(standings.working, workingRow),
    held: Array.from(standings.held, heldRow),
  };
  return { position: standings.position, body: Buffer.from(JSON.stringify(text)) };
}

/** Undefined where the text is of another version. */
export function standingsOf({ position, body }: Checkpoint): Standings | undefined {
  const text = JSON.parse(body.toString()) as Text;
  if (text.version !== VERSION) return undefined;
  return new Standings(position, text.working.map(workingOf), text.held.map(heldOf));
}

const workingRow = (order: Readonly<Working>): WorkingRow => [
  order.orderId,
  order.correlationId,
  order.account,
  order.ticker,
  order.side,
  String(order.quantity),
  String(order.filled),
  String(order.filledProduct),
  order.isStarted,
];

function workingOf([orderId, correlationId, account, ticker, side, ...rest]: WorkingRow): Working {
  const [quantity, filled, filledProduct, isStarted] = rest;
  return {
    orderId: orderId as OrderId,
    correlationId: correlationId as CorrelationId,
    account: account as AccountId,
    ticker: ticker as Ticker,
    side,
    quantity: BigInt(quantity) as Quantity,
    filled: BigInt(filled) as Quantity,
    filledProduct: BigInt(filledProduct) as Product,
    isStarted,
  };
}

const heldRow = ({ account, ticker, holding }: Held): HeldRow => [
  account,
  ticker,
  String(holding.units),
  String(holding.cost),
  String(holding.realised),
];

const heldOf = ([account, ticker, units, cost, realised]: HeldRow): Held => ({
  account: account as AccountId,
  ticker: ticker as Ticker,
  holding: {
    units: BigInt(units),
    cost: BigInt(cost) as Product,
    realised: BigInt(realised) as Product,
  },
});
