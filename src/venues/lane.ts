/**
 * One order's way out, kept from when it is met until it is finished: what is to be done for it, and what was
 * heard.
 */
import type { VenueReport } from '../core/commands.ts';
import type { Event } from '../core/events.ts';
import type { Side } from '../core/orders/order.ts';
import type { Price } from '../core/values/fixed-point.ts';
import type { CorrelationId, OrderId } from '../core/values/names.ts';
import type { VenueOrder } from './venue.ts';

/** What reconciling an order came to. `finished`: it was over before its turn came. */
export type Settlement = 'known' | 'placedAgain' | 'canceled' | 'finished';

/** Something to ask of the venue. An order's errands are done one after the other. */
export type Errand =
  | { readonly kind: 'place'; readonly order: VenueOrder }
  | { readonly kind: 'cancel' }
  | {
      readonly kind: 'settle';
      readonly resolve: (settlement: Settlement) => void;
      readonly reject: (error: unknown) => void;
    };

/** What is known of an order that is met as it is accepted. */
export interface Accepted {
  readonly correlationId: CorrelationId;
  readonly side: Side;
  readonly quantity: bigint;
  readonly boundPrice: Price;
}

export class Lane {
  readonly orderId: OrderId;
  /** Undefined where the order was not met yet, only what is said of it. */
  correlationId: CorrelationId | undefined;
  /** This and the bound are undefined as long as the correlation id is. */
  side: Side | undefined;
  /** The worst price that the venue may trade at. */
  boundPrice: Price | undefined;
  /** What is still open in the core. Means nothing unless `isCurrent`. */
  leaves: bigint;
  /**
   * All that the venue said is in the core, or waits here to be told. Where it is not, later words may not be
   * told before the earlier ones (a cancel before the fill it followed would lose the fill): the order must
   * be settled.
   */
  isCurrent: boolean;
  /** Older words are on their way: what is heard meanwhile waits behind them. */
  isHolding = false;
  isFinished = false;
  /** Someone runs its errands. */
  isBusy = false;
  readonly errands: Errand[] = [];
  /** Heard, in the order it was said, and not yet told. */
  heard: VenueReport[] = [];
  /** Ends when all that was heard is told; undefined while nothing is. */
  telling: Promise<void> | undefined;

  /**
   * An order that is met as it is accepted; or, with nothing but its id, one of which something is heard
   * first.
   */
  constructor(orderId: OrderId, accepted?: Accepted) {
    this.orderId = orderId;
    this.correlationId = accepted?.correlationId;
    this.side = accepted?.side;
    this.boundPrice = accepted?.boundPrice;
    this.leaves = accepted?.quantity ?? 0n;
    this.isCurrent = accepted !== undefined;
  }

  /** Nothing of it needs to be kept: the order is over, or must be settled and is met anew then. */
  get isForgettable(): boolean {
    const isIdle = !this.isBusy && this.telling === undefined;
    return isIdle && (this.isFinished || !this.isCurrent);
  }

  /** Some of what was said could not be told: only the venue's whole history can be, from here on. */
  fallBehind(): void {
    this.isCurrent = false;
    this.heard = [];
  }

  /** Takes note of facts of this order that were committed. */
  heed(events: readonly Event[]): void {
    for (const event of events) {
      switch (event.type) {
        case 'OrderFilled':
          this.leaves -= event.quantity;
          if (this.leaves === 0n) this.isFinished = true;
          break;
        case 'OrderRejected':
        case 'OrderFailed':
        case 'OrderExpired':
        case 'OrderCanceled':
          this.isFinished = true;
          break;
        default: // other facts neither fill nor end an order
      }
    }
  }
}
