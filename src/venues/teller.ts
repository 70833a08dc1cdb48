/**
 * Tells the core what was heard of each order: in the order it was said, all of it, and what waits in one go.
 */
import type { VenueReport } from '../core/commands.ts';
import type { OrderFilled } from '../core/events.ts';
import type { Price } from '../core/values/fixed-point.ts';
import type { Lane } from './lane.ts';
import type { Reporter } from './reporter.ts';

/** The venue's word is the truth, so it is booked; that it broke its own is for people to take up with it. */
export interface FillBeyondBound {
  readonly fill: OrderFilled;
  /** The worst price that the venue was to trade at. */
  readonly boundPrice: Price;
}

export class Teller {
  readonly #reporter: Reporter;
  readonly #onFillBeyondBound: (news: FillBeyondBound) => void;

  constructor(reporter: Reporter, onFillBeyondBound: (news: FillBeyondBound) => void) {
    this.#reporter = reporter;
    this.#onFillBeyondBound = onFillBeyondBound;
  }

  /**
   * Tells `reports` after all that was heard before, and resolves once they are committed.
   * @throws LinkClosed
   * @throws Fault SEQUENCER_STOPPED or JOURNAL_UNAVAILABLE: the lane is no longer current
   */
  async tell(lane: Lane, reports: readonly VenueReport[]): Promise<void> {
    lane.heard.push(...reports);
    await this.#drain(lane);
  }

  /**
   * From now on what is heard waits, until {@link tellFirst}. Resolves once all that was heard before is
   * told.
   */
  async hold(lane: Lane): Promise<void> {
    lane.isHolding = true;
    await lane.telling?.catch(() => {}); // whoever told it hears of the error
  }

  /** Tells `reports` before all that was held back, and ends the holding. @throws as {@link tell} */
  async tellFirst(lane: Lane, reports: readonly VenueReport[]): Promise<void> {
    lane.heard = [...reports, ...lane.heard];
    lane.isHolding = false;
    await this.#drain(lane);
  }

  async #drain(lane: Lane): Promise<void> {
    if (lane.telling === undefined && lane.heard.length > 0 && !lane.isHolding) {
      lane.telling = this.#tellAll(lane);
    }
    await lane.telling;
  }

  async #tellAll(lane: Lane): Promise<void> {
    try {
      while (lane.heard.length > 0 && !lane.isHolding) {
        const reports = lane.heard;
        lane.heard = [];
        const events = await this.#reporter.report(lane.orderId, lane.correlationId, reports);
        lane.heed(events);
        for (const event of events) if (event.type === 'OrderFilled') this.#examine(lane, event);
      }
    } catch (error) {
      lane.fallBehind();
      throw error;
    } finally {
      lane.telling = undefined; // in the same breath as the last look: what is heard next is told anew
    }
  }

  #examine({ side, boundPrice }: Lane, fill: OrderFilled): void {
    if (boundPrice === undefined) return;
    const isBeyond = side === 'BUY' ? fill.price > boundPrice : fill.price < boundPrice;
    if (isBeyond) this.#onFillBeyondBound({ fill, boundPrice });
  }
}
