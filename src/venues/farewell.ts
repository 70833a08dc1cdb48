/** Tells the venue of which orders the house will ask no more, so that the venue need not remember all for ever. */
import type { State } from '../core/state.ts';
import type { OrderId } from '../core/values/names.ts';
import type { Lane } from './lane.ts';
import type { Venue } from './venue.ts';

export class Farewell {
  readonly #venue: Venue;
  /** Let go of while nobody knew whether they are over: the sequencer had stopped. Reconciliation finds out. */
  readonly #inDoubt = new Set<OrderId>();

  constructor(venue: Venue) {
    this.#venue = venue;
  }

  /** The lane is let go of: its order is over, or must be met anew. */
  letGo({ orderId, isFinished }: Lane): void {
    if (isFinished) {
      this.#inDoubt.delete(orderId);
      this.#venue.mayForget(orderId);
    } else this.#inDoubt.add(orderId);
  }

  /** Those in doubt that do not work any more in this state. Once its facts are committed they are over. */
  notWorkingIn({ orders }: State): readonly OrderId[] {
    return [...this.#inDoubt].filter((orderId) => !orders.has(orderId));
  }

  areOver(orderIds: readonly OrderId[]): void {
    for (const orderId of orderIds) {
      this.#inDoubt.delete(orderId);
      this.#venue.mayForget(orderId);
    }
  }
}
