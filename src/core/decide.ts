/** The one place where a command becomes facts. Reads the state and never writes it; no clock, no dice, no I/O. */
import type { CancelOrder, Command, ListInstrument, PlaceOrder, SampleMarks } from './commands.ts';
import type { Event } from './events.ts';
import { BASE_CURRENCY } from './instruments/instrument.ts';
import { canAdvance } from './orders/lifecycle.ts';
import { hearVenue } from './orders/venue-reports.ts';
import { assess } from './risk/assess.ts';
import type { State } from './state.ts';
import { assert, unreachable } from './values/assert.ts';
import type { TradingDate } from './values/names.ts';

/** The facts that `command` brings about; none where it changes nothing (a report that was heard before). */
export function decide(state: State, command: Command): readonly Event[] {
  switch (command.type) {
    case 'PlaceOrder':
      return placeOrder(state, command);
    case 'ReportFromVenue':
      return hearVenue(state, command);
    case 'CancelOrder':
      return cancelOrder(state, command);
    case 'SetLimits':
      return [{ type: 'LimitsSet', limits: command.limits }];
    case 'EngageKillSwitch':
      return [{ type: 'KillSwitchEngaged' }]; // recorded even when it is on: somebody pulled it
    case 'ReleaseKillSwitch':
      return [{ type: 'KillSwitchReleased' }];
    case 'SampleMarks':
      return sampleMarks(state, command);
    case 'ListInstrument':
      return listInstrument(state, command);
    case 'StartTradingDay':
      return startTradingDay(state, command.date);
    case 'OpenTrading':
      return state.isOpen ? [] : [{ type: 'TradingOpened' }];
    case 'CloseTrading':
      return state.isOpen ? [{ type: 'TradingClosed', why: command.why }] : [];
    case 'RecordAccess':
      return [{ type: 'AccessRecorded', what: command.what, subject: command.subject }];
    default:
      return unreachable(command);
  }
}

/** A known client order id first, then risk. A denial is a fact like any other: it is kept, not thrown. */
function placeOrder(state: State, command: PlaceOrder): readonly Event[] {
  const { order } = command;
  if (state.orders.has(order.orderId)) return []; // ids are minted once: this command was heard before
  if (order.clientOrderId !== undefined) {
    const first = state.clientOrderIds.find(order, order.clientOrderId);
    if (first !== undefined) {
      const { user, clientOrderId } = order;
      const isConflict = !first.isSameContent;
      return [{ type: 'DuplicateRefused', user, clientOrderId, firstOrderId: first.orderId, isConflict }];
    }
  }

  const { proposal, refusals } = assess(state, command);
  if (refusals.length > 0) return [{ type: 'OrderDenied', order, refusals }];
  assert(proposal !== undefined, 'an order that nobody refuses was reckoned');
  const { mark, reservePrice, boundPrice } = proposal;
  const accepted: Event = { type: 'OrderAccepted', order, mark, reservePrice, boundPrice };
  if (state.accounts.has(order.account)) return [accepted];
  return [{ type: 'AccountOpened', account: order.account }, accepted];
}

function cancelOrder(state: State, { orderId, owner }: CancelOrder): readonly Event[] {
  const working = state.orders.get(orderId);
  if (working === undefined) return [{ type: 'CancelRefused', orderId, why: 'NotWorking' }];
  if (owner !== undefined && working.order.user !== owner) {
    return [{ type: 'CancelRefused', orderId, why: 'NotOwner' }];
  }
  if (!canAdvance(working.status, 'requestCancel')) {
    return [{ type: 'CancelRefused', orderId, why: 'AlreadyPending' }];
  }
  return [{ type: 'CancelRequested', orderId }];
}

/** Only of instruments that have an exposure, and only where the mark moved. Nothing is marked down to nothing. */
function sampleMarks(state: State, { marks }: SampleMarks): readonly Event[] {
  const moved = marks.filter(({ ticker, price }) => {
    const listing = state.instruments.get(ticker);
    const mark = listing === undefined ? 0n : state.firm.markAt(listing.slot);
    return mark !== 0n && mark !== price && price > 0n;
  });
  return moved.length === 0 ? [] : [{ type: 'MarksSampled', marks: moved }];
}

/** An instrument that stands as it is listed is no news; another tick or lot holds for the orders to come. */
function listInstrument(state: State, { instrument }: ListInstrument): readonly Event[] {
  assert(instrument.currency === BASE_CURRENCY, `${instrument.ticker} is quoted in ${BASE_CURRENCY}`);
  assert(instrument.tickSize > 0n && instrument.lotSize > 0n, `${instrument.ticker} has a tick and a lot`);
  const listed = state.instruments.get(instrument.ticker);
  const isSame = listed?.tickSize === instrument.tickSize && listed.lotSize === instrument.lotSize;
  return isSame ? [] : [{ type: 'InstrumentListed', instrument }];
}

/** Days only go forward: a clock that was set back starts no day again. */
function startTradingDay(state: State, date: TradingDate): readonly Event[] {
  if (state.tradingDate !== undefined && date <= state.tradingDate) return [];
  return [{ type: 'TradingDayStarted', date }];
}
