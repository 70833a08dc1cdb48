/**
 * Used and reserved, reckoned anew from the facts of one shard by plain sums: nothing of the core's own risk tables is
 * used, so that a mistake in them is not made twice. Amounts are undivided products (1e-16).
 */
import type { Event, OrderAccepted, OrderFilled } from '../../../src/core/events.ts';
import type { Side } from '../../../src/core/orders/order.ts';

export interface Figures {
  /** Net exposure if every working buy is filled and no sell. */
  readonly upmost: bigint;
  /** Net exposure if every working sell is filled and no buy. */
  readonly downmost: bigint;
  /** Gross exposure, each instrument at its worse end. */
  readonly worst: bigint;
  /** Executed today, and working at reserve prices. */
  readonly volume: bigint;
}

/** One instrument at both of its ends. */
export interface Ends {
  readonly longest: bigint;
  readonly shortest: bigint;
}

interface Exposure {
  mark: bigint;
  held: bigint;
  buying: bigint;
  selling: bigint;
}

interface Working {
  readonly ticker: string;
  readonly side: Side;
  readonly reservePrice: bigint;
  leaves: bigint;
}

export class Reckoner {
  readonly #exposures = new Map<string, Exposure>();
  readonly #working = new Map<string, Working>();
  #figures: Figures = { upmost: 0n, downmost: 0n, worst: 0n, volume: 0n };

  get figures(): Figures {
    return this.#figures;
  }

  /** What the instrument could come to, at its mark. */
  endsOf(ticker: string): Ends {
    return endsOf(this.#exposure(ticker));
  }

  /** The instrument an order works in; undefined: it does not work. */
  tickerOf(orderId: string): string | undefined {
    return this.#working.get(orderId)?.ticker;
  }

  add(event: Event): void {
    switch (event.type) {
      case 'OrderAccepted':
        return this.#accept(event);
      case 'OrderFilled':
        return this.#fill(event);
      case 'OrderRejected':
      case 'OrderFailed':
      case 'OrderExpired':
      case 'OrderCanceled':
        return this.#finish(event.orderId);
      case 'MarksSampled':
        for (const { ticker, price } of event.marks) this.#remark(ticker, price);
        return;
      case 'TradingDayStarted':
        return this.#startDay();
      default:
        return; // moves nothing that is held or working
    }
  }

  #remark(ticker: string, mark: bigint): void {
    this.#change(ticker, (one) => {
      one.mark = mark;
    });
  }

  #accept({ order, mark, reservePrice }: OrderAccepted): void {
    const { orderId, ticker, side, quantity } = order;
    this.#working.set(orderId, { ticker, side, reservePrice, leaves: quantity });
    this.#trade(reservePrice * quantity);
    this.#change(ticker, (one) => {
      one.mark = mark;
      work(one, side, quantity);
    });
  }

  #fill({ orderId, quantity, price }: OrderFilled): void {
    const working = this.#workingOf(orderId);
    working.leaves -= quantity;
    this.#trade((price - working.reservePrice) * quantity);
    this.#change(working.ticker, (one) => {
      work(one, working.side, -quantity);
      one.held += working.side === 'BUY' ? quantity : -quantity;
    });
    if (working.leaves === 0n) this.#working.delete(orderId);
  }

  #finish(orderId: string): void {
    const { ticker, side, leaves, reservePrice } = this.#workingOf(orderId);
    this.#working.delete(orderId);
    this.#trade(-reservePrice * leaves);
    this.#change(ticker, (one) => work(one, side, -leaves));
  }

  #startDay(): void {
    let volume = 0n;
    for (const { leaves, reservePrice } of this.#working.values()) volume += leaves * reservePrice;
    this.#figures = { ...this.#figures, volume };
  }

  #trade(value: bigint): void {
    this.#figures = { ...this.#figures, volume: this.#figures.volume + value };
  }

  #change(ticker: string, change: (exposure: Exposure) => void): void {
    const exposure = this.#exposure(ticker);
    const before = endsOf(exposure);
    change(exposure);
    const after = endsOf(exposure);
    const { upmost, downmost, worst, volume } = this.#figures;
    this.#figures = {
      upmost: upmost + after.longest - before.longest,
      downmost: downmost + after.shortest - before.shortest,
      worst: worst + worseOf(after) - worseOf(before),
      volume,
    };
  }

  #exposure(ticker: string): Exposure {
    const known = this.#exposures.get(ticker);
    if (known !== undefined) return known;
    const fresh = { mark: 0n, held: 0n, buying: 0n, selling: 0n };
    this.#exposures.set(ticker, fresh);
    return fresh;
  }

  #workingOf(orderId: string): Working {
    const working = this.#working.get(orderId);
    if (working === undefined) throw new Error(`order ${orderId} does not work`);
    return working;
  }
}

const endsOf = ({ mark, held, buying, selling }: Exposure): Ends => ({
  longest: mark * (held + buying),
  shortest: mark * (held - selling),
});

const worseOf = ({ longest, shortest }: Ends): bigint => (longest > -shortest ? longest : -shortest);

function work(exposure: Exposure, side: Side, units: bigint): void {
  if (side === 'BUY') exposure.buying += units;
  else exposure.selling += units;
}
