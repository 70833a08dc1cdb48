/**
 * One order's way out: its errands to the venue, one at a time, and what the venue says, in the order it says
 * it.
 */
import type { VenueReport } from '../core/commands.ts';
import type { Event } from '../core/events.ts';
import type { CorrelationId, OrderId } from '../core/values/names.ts';
import type { VenueOrder } from './venue.ts';

/** What reconciling an order came to. `finished`: it was over before its turn came. */
export type Settlement = 'known' | 'placedAgain' | 'canceled' | 'finished';

export type Errand =
  | { readonly kind: 'place'; readonly order: VenueOrder }
  | { readonly kind: 'cancel' }
  /** What the venue said unasked. */
  | { readonly kind: 'tell'; readonly reports: readonly VenueReport[] }
  | {
      readonly kind: 'settle';
      readonly resolve: (settlement: Settlement) => void;
      readonly reject: (error: unknown) => void;
    };

export class Lane {
  readonly orderId: OrderId;
  /** Undefined where the order was not met yet, only what is said of it. */
  correlationId: CorrelationId | undefined;
  /** What is still open in the core; undefined where the order was not met yet. */
  leaves: bigint | undefined;
  isFinished = false;
  /** Someone runs its errands. */
  isBusy = false;
  readonly errands: Errand[] = [];

  constructor(orderId: OrderId, correlationId: CorrelationId | undefined, leaves: bigint | undefined) {
    this.orderId = orderId;
    this.correlationId = correlationId;
    this.leaves = leaves;
  }

  /** Nothing of it needs to be kept: it can be made anew. */
  get isForgettable(): boolean {
    return !this.isBusy && this.errands.length === 0 && (this.isFinished || this.leaves === undefined);
  }

  /** Adds the reports that wait at the front to `reports`: one command then carries all. */
  gather(reports: readonly VenueReport[]): readonly VenueReport[] {
    const all = [...reports];
    for (let next = this.errands[0]; next?.kind === 'tell'; next = this.errands[0]) {
      all.push(...next.reports);
      this.errands.shift();
    }
    return all;
  }

  /** Takes note of facts of this order that were committed. */
  heed(events: readonly Event[]): void {
    for (const event of events) {
      switch (event.type) {
        case 'OrderFilled':
          if (this.leaves === undefined) break;
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
