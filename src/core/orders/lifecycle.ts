/** The life of an order as one table: row = where it stands, column = what happens, cell = where it stands next. */
import { assert } from '../values/assert.ts';

/**
 * `Denied` is our own no, before any venue saw the order; `Rejected` is the venue's; `Failed` is an order that
 * verifiably never reached a venue.
 */
export type OrderStatus =
  | 'PendingNew'
  | 'New'
  | 'PartiallyFilled'
  | 'PendingCancel'
  | 'Filled'
  | 'Canceled'
  | 'Expired'
  | 'Denied'
  | 'Rejected'
  | 'Failed';

export type Step =
  | 'acknowledge'
  | 'reject'
  | 'fail'
  | 'fillPart'
  | 'fillAll'
  | 'requestCancel'
  | 'cancel'
  | 'refuseCancelUnfilled'
  | 'refuseCancelFilled'
  | 'expire';

export const LIFECYCLE: Record<OrderStatus, Partial<Record<Step, OrderStatus>>> = {
  PendingNew: {
    acknowledge: 'New',
    reject: 'Rejected',
    fail: 'Failed',
    fillPart: 'PartiallyFilled', // a venue may fill before it acknowledges
    fillAll: 'Filled',
    requestCancel: 'PendingCancel',
    cancel: 'Canceled', // a venue may cancel what it cannot keep
    expire: 'Expired',
  },
  New: {
    fillPart: 'PartiallyFilled',
    fillAll: 'Filled',
    requestCancel: 'PendingCancel',
    cancel: 'Canceled',
    expire: 'Expired',
  },
  PartiallyFilled: {
    acknowledge: 'PartiallyFilled', // the acknowledgement that its own fill overtook
    fillPart: 'PartiallyFilled',
    fillAll: 'Filled',
    requestCancel: 'PendingCancel',
    cancel: 'Canceled',
    expire: 'Expired',
  },
  PendingCancel: {
    acknowledge: 'PendingCancel', // our cancel crossed the venue's acknowledgement on the wire
    reject: 'Rejected',
    fail: 'Failed',
    fillPart: 'PendingCancel',
    fillAll: 'Filled',
    cancel: 'Canceled',
    refuseCancelUnfilled: 'New',
    refuseCancelFilled: 'PartiallyFilled',
    expire: 'Expired',
  },
  Filled: {},
  Canceled: {},
  Expired: {},
  Denied: {},
  Rejected: {},
  Failed: {},
};

/** Where an order stands after `step`. @throws InvariantBroken when the table has no such cell */
export function advance(status: OrderStatus, step: Step): OrderStatus {
  const next = LIFECYCLE[status][step];
  assert(next !== undefined, `an order that is ${status} cannot ${step}`);
  return next;
}

/** May `step` happen to an order that is `status`? */
export const canAdvance = (status: OrderStatus, step: Step): boolean => LIFECYCLE[status][step] !== undefined;

/** Nothing more can happen to the order: it leaves the core. */
export function isFinished(status: OrderStatus): boolean {
  switch (status) {
    case 'PendingNew':
    case 'New':
    case 'PartiallyFilled':
    case 'PendingCancel':
      return false;
    default:
      return true;
  }
}
