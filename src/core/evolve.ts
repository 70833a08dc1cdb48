/** The only writer of the state. It believes every event and decides nothing, so replay is a plain fold. */
import type { Event, OrderAccepted, OrderFilled } from './events.ts';
import { advance, isFinished, type Step } from './orders/lifecycle.ts';
import { leavesOf, type WorkingOrder } from './orders/order.ts';
import { FLAT, settle } from './positions/holding.ts';
import type { State } from './state.ts';
import { assert, unreachable } from './values/assert.ts';
import { type Product, productOf, type Quantity } from './values/fixed-point.ts';
import type { OrderId } from './values/names.ts';

export function evolve(state: State, event: Event): void {
  switch (event.type) {
    case 'OrderAccepted':
      return accept(state, event);
    case 'OrderFilled':
      return fill(state, event);
    case 'OrderAcknowledged':
      return step(state, event.orderId, 'acknowledge');
    case 'OrderRejected':
      return step(state, event.orderId, 'reject');
    case 'OrderFailed':
      return step(state, event.orderId, 'fail');
    case 'OrderExpired':
      return step(state, event.orderId, 'expire');
    case 'OrderCanceled':
      return step(state, event.orderId, 'cancel');
    case 'CancelRequested':
      return step(state, event.orderId, 'requestCancel');
    case 'CancelRejected': {
      const isFilledInPart = workingOf(state, event.orderId).filled > 0n;
      return step(state, event.orderId, isFilledInPart ? 'refuseCancelFilled' : 'refuseCancelUnfilled');
    }
    case 'ReportUnmatched':
      if (event.executionId !== undefined) state.executionIds.add(event.executionId);
      return;
    case 'MarksSampled':
      for (const { ticker, price } of event.marks) state.firm.remark(state.firm.existing(ticker), price);
      return;
    case 'LimitsSet':
      state.firm.limits = event.limits;
      return;
    case 'KillSwitchEngaged':
      state.isKillSwitchEngaged = true;
      return;
    case 'KillSwitchReleased':
      state.isKillSwitchEngaged = false;
      return;
    case 'InstrumentListed':
      state.instruments.set(event.instrument.ticker, event.instrument);
      return;
    case 'AccountOpened':
      state.accounts.set(event.account, { accountId: event.account, holdings: new Map() });
      return;
    case 'TradingDayStarted':
      return startDay(state, event.date);
    case 'TradingOpened':
      state.isOpen = true;
      return;
    case 'TradingClosed':
      state.isOpen = false;
      return;
    case 'OrderDenied':
    case 'DuplicateRefused':
    case 'CancelRefused':
    case 'AccessRecorded':
      return; // facts that change nothing that is traded
    default:
      return unreachable(event);
  }
}

function accept(state: State, { order, mark, reservePrice, boundPrice }: OrderAccepted): void {
  const { firm } = state;
  const exposure = firm.exposureOf(order.ticker, mark);
  firm.remark(exposure, mark);
  firm.reserve(exposure, order.side, order.quantity, reservePrice);
  state.orders.set(order.orderId, {
    order,
    exposure,
    status: 'PendingNew',
    filled: 0n as Quantity,
    filledProduct: 0n as Product,
    reservePrice,
    boundPrice,
  });
  if (order.clientOrderId !== undefined) state.clientOrderIds.add(order, order.clientOrderId);
}

function fill(state: State, { orderId, executionId, quantity, price }: OrderFilled): void {
  const working = workingOf(state, orderId);
  const { order, exposure, reservePrice } = working;
  assert(quantity > 0n && quantity <= leavesOf(working), 'a fill takes no more than is left');
  working.filled = (working.filled + quantity) as Quantity;
  working.filledProduct = (working.filledProduct + productOf(price, quantity)) as Product;
  state.executionIds.add(executionId);
  state.firm.fill(exposure, order.side, quantity, price, reservePrice);
  const holdings = state.accounts.get(order.account)?.holdings;
  assert(holdings !== undefined, `account ${order.account} is open`);
  const before = holdings.get(order.ticker) ?? FLAT;
  holdings.set(order.ticker, settle(before, order.side, quantity, price).holding);
  advanceTo(state, working, working.filled === order.quantity ? 'fillAll' : 'fillPart');
}

function step(state: State, orderId: OrderId, taken: Step): void {
  advanceTo(state, workingOf(state, orderId), taken);
}

/** A finished order gives its reservation back and leaves the core. */
function advanceTo(state: State, working: WorkingOrder, taken: Step): void {
  working.status = advance(working.status, taken);
  if (!isFinished(working.status)) return;
  const { order, exposure, reservePrice } = working;
  const leaves = leavesOf(working);
  if (leaves > 0n) state.firm.release(exposure, order.side, leaves, reservePrice);
  state.orders.delete(order.orderId);
}

/** The volume starts anew with what is working; ids of orders that work on stay taken. */
function startDay(state: State, date: State['tradingDate']): void {
  state.tradingDate = date;
  state.firm.executedVolume = 0n;
  state.executionIds.startDay();
  state.clientOrderIds.startDay();
  for (const { order } of state.orders.values()) {
    if (order.clientOrderId !== undefined) state.clientOrderIds.add(order, order.clientOrderId);
  }
}

function workingOf(state: State, orderId: OrderId): WorkingOrder {
  const working = state.orders.get(orderId);
  assert(working !== undefined, `order ${orderId} works`);
  return working;
}
