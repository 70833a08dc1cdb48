/** The only writer of the state. It believes every event and decides nothing, so replay is a plain fold. */
import type { Event, OrderAccepted, OrderFilled } from './events.ts';
import { type Instrument, type Listing, shared } from './instruments/instrument.ts';
import { advance, isFinished, type Step } from './orders/lifecycle.ts';
import { isFilledInPart, type WorkingOrder } from './orders/order.ts';
import { settle } from './positions/holding.ts';
import { Holdings } from './positions/holdings.ts';
import type { State } from './state.ts';
import { assert, unreachable } from './values/assert.ts';
import { productOf, type Quantity } from './values/fixed-point.ts';
import type { ExecutionId, OrderId, Ticker } from './values/names.ts';

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
      const isFilled = isFilledInPart(workingOf(state, event.orderId));
      return step(state, event.orderId, isFilled ? 'refuseCancelFilled' : 'refuseCancelUnfilled');
    }
    case 'ReportUnmatched':
      if (event.executionId !== undefined) state.executionIds.add(event.executionId);
      return;
    case 'MarksSampled':
      for (const { ticker, price } of event.marks) state.firm.remark(listingOf(state, ticker).slot, price);
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
      return list(state, event.instrument);
    case 'AccountOpened':
      state.accounts.set(event.account, { accountId: event.account, holdings: new Holdings() });
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
  const { slot } = listingOf(state, order.ticker);
  firm.remark(slot, mark);
  firm.reserve(slot, order.side, order.quantity, reservePrice);
  state.orders.add({
    order,
    slot,
    status: 'PendingNew',
    leaves: order.quantity,
    reservePrice,
    boundPrice,
    executions: undefined,
  });
  if (order.clientOrderId !== undefined) state.clientOrderIds.add(order, order.clientOrderId);
}

function fill(state: State, { orderId, executionId, quantity, price }: OrderFilled): void {
  const working = workingOf(state, orderId);
  const { order, slot, reservePrice } = working;
  assert(quantity > 0n && quantity <= working.leaves, 'a fill takes no more than is left');
  working.leaves = (working.leaves - quantity) as Quantity;
  state.executionIds.add(executionId);
  if (working.leaves > 0n) remember(working, executionId);
  const paid = productOf(price, quantity);
  state.firm.fill(slot, order.side, quantity, paid, reservePrice);
  const holdings = state.accounts.get(order.account)?.holdings;
  assert(holdings !== undefined, `account ${order.account} is open`);
  holdings.put(slot, settle(holdings.at(slot), order.side, quantity, paid).holding);
  advanceTo(state, working, working.leaves === 0n ? 'fillAll' : 'fillPart');
}

function remember(working: WorkingOrder, executionId: ExecutionId): void {
  if (working.executions === undefined) working.executions = [executionId];
  else working.executions.push(executionId);
}

function step(state: State, orderId: OrderId, taken: Step): void {
  advanceTo(state, workingOf(state, orderId), taken);
}

/** A finished order gives its reservation back and leaves the core. */
function advanceTo(state: State, working: WorkingOrder, taken: Step): void {
  working.status = advance(working.status, taken);
  if (!isFinished(working.status)) return;
  const { order, slot, leaves, reservePrice } = working;
  if (leaves > 0n) state.firm.release(slot, order.side, leaves, reservePrice);
  state.orders.delete(order.orderId);
}

/** The volume starts anew with what is working; ids of orders that work on, and of their executions, stay taken. */
function startDay(state: State, date: State['tradingDate']): void {
  state.tradingDate = date;
  state.firm.volume = 0n;
  state.executionIds.startDay();
  state.clientOrderIds.startDay();
  for (const { order, leaves, reservePrice, executions } of state.orders.byId()) {
    state.firm.volume += productOf(reservePrice, leaves);
    for (const id of executions ?? []) state.executionIds.add(id);
    if (order.clientOrderId !== undefined) state.clientOrderIds.add(order, order.clientOrderId);
  }
}

/** An instrument keeps its place when its tick or lot changes. */
function list(state: State, instrument: Instrument): void {
  const { ticker, currency } = instrument;
  const [tickSize, lotSize] = [shared(instrument.tickSize), shared(instrument.lotSize)];
  const slot = state.instruments.get(ticker)?.slot ?? state.firm.list(ticker);
  state.instruments.set(ticker, { ticker, currency, tickSize, lotSize, slot });
}

function listingOf(state: State, ticker: Ticker): Listing {
  const listing = state.instruments.get(ticker);
  assert(listing !== undefined, `${ticker} is listed`);
  return listing;
}

function workingOf(state: State, orderId: OrderId): WorkingOrder {
  const working = state.orders.get(orderId);
  assert(working !== undefined, `order ${orderId} works`);
  return working;
}
