/** What a venue says about an order, turned into facts: each report once, in any order it may come. */
import type { ReportFromVenue, VenueReport } from '../commands.ts';
import type { Event } from '../events.ts';
import type { State } from '../state.ts';
import { unreachable } from '../values/assert.ts';
import { formatFixed, type Quantity } from '../values/fixed-point.ts';
import type { ExecutionId, OrderId } from '../values/names.ts';
import { advance, canAdvance, isFinished, type OrderStatus, type Step } from './lifecycle.ts';
import { isFilledInPart } from './order.ts';

/** Where the order stands while one message of several reports is gone through. */
interface Hearing {
  readonly orderId: OrderId;
  /** Undefined: the core has no such working order (never had, or it is finished). */
  status: OrderStatus | undefined;
  leaves: Quantity;
  isFilledInPart: boolean;
  readonly heard: ExecutionId[];
  readonly events: Event[];
}

type Filled = Extract<VenueReport, { kind: 'filled' }>;

/** A venue may repeat itself: what was heard before brings no facts. */
export function hearVenue(state: State, { orderId, reports }: ReportFromVenue): readonly Event[] {
  const working = state.orders.get(orderId);
  const hearing: Hearing = {
    orderId,
    status: working?.status,
    leaves: working?.leaves ?? (0n as Quantity),
    isFilledInPart: working !== undefined && isFilledInPart(working),
    heard: [],
    events: [],
  };
  for (const report of reports) hear(state, hearing, report);
  return hearing.events;
}

function hear(state: State, hearing: Hearing, report: VenueReport): void {
  const { orderId, status } = hearing;
  switch (report.kind) {
    case 'filled':
      return hearFill(state, hearing, report);
    case 'acknowledged':
      if (status === 'PendingNew') step(hearing, 'acknowledge', { type: 'OrderAcknowledged', orderId });
      return;
    case 'rejected':
      return hearRefusal(hearing, 'reject', report);
    case 'undelivered':
      return hearRefusal(hearing, 'fail', report);
    case 'canceled':
      return hearEnd(hearing, 'cancel', { type: 'OrderCanceled', orderId });
    case 'expired':
      return hearEnd(hearing, 'expire', { type: 'OrderExpired', orderId });
    case 'cancelRejected': {
      if (status !== 'PendingCancel') return;
      const resumed = hearing.isFilledInPart ? 'refuseCancelFilled' : 'refuseCancelUnfilled';
      return step(hearing, resumed, { type: 'CancelRejected', orderId, why: report.why });
    }
    default:
      return unreachable(report);
  }
}

function hearFill(state: State, hearing: Hearing, report: Filled): void {
  const { orderId, status, leaves } = hearing;
  const { executionId, quantity, price } = report;
  if (state.executionIds.has(executionId) || hearing.heard.includes(executionId)) return;
  hearing.heard.push(executionId);
  if (status === undefined) return unmatched(hearing, report, 'UnknownOrder');
  if (quantity <= 0n || price <= 0n) return unmatched(hearing, report, 'OutOfTurn');
  if (quantity > leaves) return unmatched(hearing, report, 'Overfill');
  hearing.leaves = (leaves - quantity) as Quantity;
  hearing.isFilledInPart = true;
  const filled: Event = { type: 'OrderFilled', orderId, executionId, quantity, price };
  step(hearing, hearing.leaves === 0n ? 'fillAll' : 'fillPart', filled);
}

/** A no to an order that the venue had taken before means that what is left of it works nowhere. */
function hearRefusal(
  hearing: Hearing,
  refusal: 'reject' | 'fail',
  report: Extract<VenueReport, { kind: 'rejected' | 'undelivered' }>,
): void {
  const { orderId, status } = hearing;
  if (status === undefined) return;
  if (hearing.isFilledInPart || !canAdvance(status, refusal)) {
    return step(hearing, 'cancel', { type: 'OrderCanceled', orderId });
  }
  const type = refusal === 'reject' ? 'OrderRejected' : 'OrderFailed';
  step(hearing, refusal, { type, orderId, why: report.why });
}

function hearEnd(hearing: Hearing, end: 'cancel' | 'expire', event: Event): void {
  if (hearing.status !== undefined) step(hearing, end, event);
}

function step(hearing: Hearing, taken: Step, event: Event): void {
  if (hearing.status === undefined) return;
  const next = advance(hearing.status, taken);
  hearing.status = isFinished(next) ? undefined : next;
  hearing.events.push(event);
}

/** Kept as a fact for people to look into: an execution that the core cannot book must never be lost. */
function unmatched(hearing: Hearing, report: Filled, why: 'UnknownOrder' | 'Overfill' | 'OutOfTurn'): void {
  const { executionId, quantity, price } = report;
  const words = `filled ${formatFixed(quantity)} at ${formatFixed(price)}`;
  hearing.events.push({
    type: 'ReportUnmatched',
    orderId: hearing.orderId,
    executionId,
    report: words,
    why,
  });
}
