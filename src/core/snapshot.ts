/** The state as plain data and back: what a snapshot holds, and what the state hash is taken of. */
import { type Listing, type Slot, shared } from './instruments/instrument.ts';
import { ClientOrderIds } from './orders/client-order-ids.ts';
import { ExecutionIds } from './orders/execution-ids.ts';
import type { OrderStatus } from './orders/lifecycle.ts';
import type { Order, OrderType, Side, WorkingOrder } from './orders/order.ts';
import { WorkingOrders } from './orders/working-orders.ts';
import { Holdings } from './positions/holdings.ts';
import type { Limits } from './risk/limits.ts';
import { RiskGroup } from './risk/risk-group.ts';
import type { Account, State } from './state.ts';
import { assert } from './values/assert.ts';
import type { Notional, Price, Product, Quantity } from './values/fixed-point.ts';
import type {
  AccountId,
  ClientOrderId,
  CorrelationId,
  ExecutionId,
  OrderId,
  Ticker,
  TradingDate,
  UserId,
} from './values/names.ts';

/** Plain data (arrays, strings, numbers, bigints, booleans, null, Uint8Arrays), in an order the fold alone decides. */
export type StateDump = readonly unknown[];

type InstrumentRow = readonly [Ticker, string, Price, Quantity];
type HoldingRow = readonly [Slot, bigint, Product, Product];
type AccountRow = readonly [AccountId, readonly HoldingRow[]];
type ExposureRow = readonly [Ticker, Price, bigint];
type LimitsRow = readonly [Notional, Notional, Notional, Notional];
type OrderRow = readonly [
  OrderId,
  CorrelationId,
  UserId,
  AccountId,
  Ticker,
  Side,
  OrderType,
  Quantity,
  Price | null,
  string,
  ClientOrderId | null,
  OrderStatus,
  Quantity,
  Price,
  Price,
  readonly ExecutionId[] | null,
];
type Rows = readonly [
  TradingDate | null,
  boolean,
  boolean,
  readonly InstrumentRow[],
  readonly AccountRow[],
  LimitsRow,
  bigint,
  readonly ExposureRow[],
  readonly OrderRow[],
  readonly unknown[],
  readonly unknown[],
];

/** What can be summed up again (extremes, reservations) is left out and summed up by {@link restore}. */
export function dump(state: State): StateDump {
  const { firm } = state;
  const { positionMax, dailyVolumeMax, netExposureMax, grossExposureMax } = firm.limits;
  const rows: Rows = [
    state.tradingDate ?? null,
    state.isOpen,
    state.isKillSwitchEngaged,
    Array.from(
      state.instruments.values(),
      (i): InstrumentRow => [i.ticker, i.currency, i.tickSize, i.lotSize],
    ),
    Array.from(state.accounts.values(), accountRow),
    [positionMax, dailyVolumeMax, netExposureMax, grossExposureMax],
    firm.volume,
    Array.from(firm.exposures(), (e): ExposureRow => [e.ticker, e.mark, e.position]),
    state.orders.byId().map(orderRow),
    state.clientOrderIds.dump(),
    state.executionIds.dump(),
  ];
  return rows;
}

/** The inverse of {@link dump}. */
export function restore(dump: StateDump): State {
  const [
    date,
    isOpen,
    isHalted,
    instruments,
    accounts,
    limits,
    volume,
    exposures,
    orders,
    clients,
    executions,
  ] = dump as Rows;
  const firm = new RiskGroup();
  firm.limits = limitsOf(limits);
  const listings = new Map(instruments.map((row) => [row[0], listingOf(row, firm)]));
  const slotOf = (ticker: Ticker): number => {
    const listing = listings.get(ticker);
    assert(listing !== undefined, `${ticker} is listed`);
    return listing.slot;
  };
  for (const [ticker, mark, position] of exposures) {
    firm.remark(slotOf(ticker), mark);
    firm.hold(slotOf(ticker), position);
  }
  const working = new WorkingOrders();
  for (const row of orders) working.add(workingOf(row, slotOf(row[4]), firm));
  firm.volume = volume; // what is executed can't be summed up again
  return {
    tradingDate: date ?? undefined,
    isOpen,
    isKillSwitchEngaged: isHalted,
    instruments: listings,
    accounts: new Map(accounts.map((row) => [row[0], accountOf(row)])),
    firm,
    orders: working,
    clientOrderIds: ClientOrderIds.restore(clients),
    executionIds: ExecutionIds.restore(executions),
  };
}

const accountRow = ({ accountId, holdings }: Account): AccountRow => [
  accountId,
  Array.from(holdings.entries(), ([slot, h]): HoldingRow => [slot, h.units, h.cost, h.realised]),
];

function accountOf([accountId, rows]: AccountRow): Account {
  const holdings = new Holdings();
  for (const [slot, units, cost, realised] of rows) holdings.put(slot, { units, cost, realised });
  return { accountId, holdings };
}

/** Listed again in the same order, an instrument has the same place. */
function listingOf([ticker, currency, tickSize, lotSize]: InstrumentRow, firm: RiskGroup): Listing {
  return { ticker, currency, tickSize: shared(tickSize), lotSize: shared(lotSize), slot: firm.list(ticker) };
}

const limitsOf = ([positionMax, dailyVolumeMax, netExposureMax, grossExposureMax]: LimitsRow): Limits => ({
  positionMax,
  dailyVolumeMax,
  netExposureMax,
  grossExposureMax,
});

function orderRow(working: WorkingOrder): OrderRow {
  const { order: o, status, leaves, reservePrice, boundPrice, executions } = working;
  return [
    o.orderId,
    o.correlationId,
    o.user,
    o.account,
    o.ticker,
    o.side,
    o.type,
    o.quantity,
    o.price ?? null,
    o.strategy,
    o.clientOrderId ?? null,
    status,
    leaves,
    reservePrice,
    boundPrice,
    executions === undefined ? null : [...executions],
  ];
}

/** The order as it worked, its reservation set aside in `firm` again. */
function workingOf(row: OrderRow, slot: number, firm: RiskGroup): WorkingOrder {
  const [
    orderId,
    correlationId,
    user,
    account,
    ticker,
    side,
    type,
    quantity,
    price,
    strategy,
    clientOrderId,
    status,
    leaves,
    reservePrice,
    boundPrice,
    executed,
  ] = row;
  const executions = executed === null ? undefined : [...executed];
  const order: Order = {
    orderId,
    correlationId,
    user,
    account,
    ticker,
    side,
    type,
    quantity,
    price: price ?? undefined,
    strategy,
    clientOrderId: clientOrderId ?? undefined,
  };
  firm.reserve(slot, side, leaves, reservePrice);
  return { order, slot, status, leaves, reservePrice, boundPrice, executions };
}
