/**
 * The venue that lives in this process: it fills orders against the quotes of the moment, and fails when it
 * is told to.
 */
import type { VenueReport } from '../core/commands.ts';
import type { Side } from '../core/orders/order.ts';
import { assert } from '../core/values/assert.ts';
import type { ExecutionId, OrderId, Ticker } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Quote, Quotes } from '../market-data/quotes.ts';
import { Random } from '../market-data/random.ts';
import { DelayLine } from './delay-line.ts';
import { FinishedOrders } from './finished-orders.ts';
import type { Working } from './price-levels.ts';
import { type Fill, SimulatedSide } from './simulated-side.ts';
import type { Venue, VenueHistory, VenueOrder } from './venue.ts';

export interface SimulatedVenueOptions {
  readonly quotes: Quotes;
  /** Put before the number of every execution: another one at each start, so that ids never come again. */
  readonly session: string;
  /** An integer from 0 to 2^53 - 1. The same seed, quotes and requests give the same answers. */
  readonly seed: number;
  /** How long a request is under way, in milliseconds, each time anew between the two. None by default. */
  readonly latencyMs?: { readonly min: number; readonly max: number };
  /** The part of orders that is rejected, from 0 to 1. */
  readonly rejectRate?: number;
  /**
   * The part of requests that gets no answer, from 0 to 1; half of those were carried out, half never
   * arrived.
   */
  readonly noAnswerRate?: number;
  /** The part of requests that verifiably never leaves the house, from 0 to 1. */
  readonly unreachableRate?: number;
  /** How many finished orders it remembers of those that the house asks of no more. */
  readonly finishedMax?: number;
}

type Told = readonly [OrderId, readonly VenueReport[]];
type Market = Readonly<Record<Side, SimulatedSide>>;

/** What becomes of one request: thrown when it is made, always all dice, so that the stream stays aligned. */
interface Fate {
  readonly delayMs: number;
  readonly isUnreachable: boolean;
  readonly isRejected: boolean;
  readonly isUnanswered: boolean;
  /** Of an unanswered request: it was carried out all the same. */
  readonly isCarriedOut: boolean;
}

const FINISHED_MAX = 100_000;
const ACKNOWLEDGED: VenueReport = { kind: 'acknowledged' };
const CANCELED: VenueReport = { kind: 'canceled' };

export class SimulatedVenue implements Venue {
  readonly name = 'SIM';
  readonly #options: Required<Omit<SimulatedVenueOptions, 'finishedMax'>>;
  readonly #random: Random;
  readonly #line = new DelayLine();
  readonly #markets = new Map<Ticker, Market>();
  readonly #working = new Map<OrderId, Working>();
  readonly #finished: FinishedOrders;
  readonly #listeners = new Set<(orderId: OrderId, reports: readonly VenueReport[]) => void>();
  readonly #leaveQuotes: () => void;
  #executions = 0;

  constructor(options: SimulatedVenueOptions) {
    const { rejectRate = 0, noAnswerRate = 0, unreachableRate = 0 } = options;
    const latencyMs = options.latencyMs ?? { min: 0, max: 0 };
    for (const rate of [rejectRate, noAnswerRate, unreachableRate]) {
      assert(rate >= 0 && rate <= 1, 'a rate is from 0 to 1');
    }
    assert(latencyMs.min >= 0 && latencyMs.max >= latencyMs.min, 'latency runs from min up to max');
    assert(/^\S+$/.test(options.session), 'a session has a name without spaces');
    this.#options = { ...options, latencyMs, rejectRate, noAnswerRate, unreachableRate };
    this.#random = Random.fromSeed(options.seed);
    this.#finished = new FinishedOrders(options.finishedMax ?? FINISHED_MAX);
    this.#leaveQuotes = options.quotes.subscribe((quote) => this.#show(quote));
  }

  /** Orders that rest here now. */
  get workingCount(): number {
    return this.#working.size;
  }

  place(order: VenueOrder, signal: AbortSignal): Promise<readonly VenueReport[]> {
    assert(order.quantity > 0n, 'an order is for something');
    return this.#request(signal, (fate) => this.#take(order, fate.isRejected));
  }

  cancel(orderId: OrderId, signal: AbortSignal): Promise<readonly VenueReport[]> {
    return this.#request(signal, () => [this.#cancel(orderId)]);
  }

  history(orderId: OrderId, signal: AbortSignal): Promise<VenueHistory | undefined> {
    return this.#request(signal, () => {
      const known = this.#working.get(orderId) ?? this.#finished.find(orderId);
      return known === undefined ? undefined : { reports: [...known.reports] };
    });
  }

  mayForget(orderId: OrderId): void {
    this.#finished.mayForget(orderId);
  }

  subscribe(listener: (orderId: OrderId, reports: readonly VenueReport[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hears no more quotes. What rests stays as it is; requests are answered still. */
  close(): void {
    this.#leaveQuotes();
  }

  /**
   * Sends `act` down the line and back, if its fate allows. A request given up may still arrive: nobody
   * knows.
   */
  #request<T>(signal: AbortSignal, act: (fate: Fate) => T): Promise<T> {
    const fate = this.#throwDice();
    return new Promise((resolve, reject) => {
      if (fate.isUnreachable || signal.aborted) {
        reject(new Fault('VENUE_UNREACHABLE', this.name));
        return;
      }
      let hasArrived = false;
      const giveUp = (): void => reject(new Fault('VENUE_NO_ANSWER', this.name));
      this.#line.send(fate.delayMs, () => {
        hasArrived = true;
        signal.removeEventListener('abort', giveUp);
        if (fate.isUnanswered && !fate.isCarriedOut) return giveUp();
        const answer = act(fate);
        if (fate.isUnanswered) giveUp();
        else resolve(answer);
      });
      if (!hasArrived) signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #throwDice(): Fate {
    const { latencyMs, unreachableRate, rejectRate, noAnswerRate } = this.#options;
    const random = this.#random;
    return {
      delayMs: latencyMs.min + random.fraction() * (latencyMs.max - latencyMs.min),
      isUnreachable: random.chance(unreachableRate),
      isRejected: random.chance(rejectRate),
      isUnanswered: random.chance(noAnswerRate),
      isCarriedOut: random.chance(0.5),
    };
  }

  /** An order arrives: new ones are rejected, or acknowledged and filled as far as the market goes. */
  #take(order: VenueOrder, isRejected: boolean): readonly VenueReport[] {
    const { orderId } = order;
    const known = this.#working.get(orderId) ?? this.#finished.find(orderId);
    if (known !== undefined) return known.reports.slice(0, known.firstWords);
    if (isRejected) {
      const reports: readonly VenueReport[] = [{ kind: 'rejected', why: 'rejected by the simulated venue' }];
      this.#finished.keep(orderId, { reports, firstWords: 1 });
      return reports;
    }
    const working = workingOf(order);
    this.#working.set(orderId, working);
    const fill = this.#marketOf(order.ticker)[order.side].arrive(working);
    if (fill !== undefined) this.#record(fill);
    working.firstWords = working.reports.length;
    const reports = [...working.reports];
    if (working.leaves === 0n) this.#finish(working);
    return reports;
  }

  #cancel(orderId: OrderId): VenueReport {
    const working = this.#working.get(orderId);
    if (working === undefined) {
      const finished = this.#finished.find(orderId);
      if (finished === undefined) return { kind: 'cancelRejected', why: 'the venue does not know the order' };
      if (finished.reports.some((report) => report.kind === 'canceled')) return CANCELED;
      return { kind: 'cancelRejected', why: 'the order is finished' };
    }
    this.#marketOf(working.order.ticker)[working.order.side].cancel(working);
    working.reports.push(CANCELED);
    this.#finish(working);
    return CANCELED;
  }

  /** A new quote: those who rest and are reached trade first, and hear of it. */
  #show(quote: Quote): void {
    const market = this.#markets.get(quote.ticker);
    if (market === undefined) return; // no order was ever here; the first one looks up the newest quote
    const fills = [
      ...market.BUY.show(quote.ask, quote.askSize),
      ...market.SELL.show(quote.bid, quote.bidSize),
    ];
    // All is entered before anyone hears: a listener may ask at once.
    const told = fills.map((fill): Told => [fill.working.order.orderId, [this.#record(fill)]]);
    for (const { working } of fills) if (working.leaves === 0n) this.#finish(working);
    for (const [orderId, reports] of told) for (const listener of this.#listeners) listener(orderId, reports);
  }

  #record({ working, quantity, price }: Fill): VenueReport {
    this.#executions += 1;
    const executionId = `${this.#options.session}-${this.#executions}` as ExecutionId;
    const report: VenueReport = { kind: 'filled', executionId, quantity, price };
    working.reports.push(report);
    return report;
  }

  #finish(working: Working): void {
    const { orderId } = working.order;
    this.#working.delete(orderId);
    // By quote it finishes after its first words, at once before they are counted.
    this.#finished.keep(orderId, working);
  }

  #marketOf(ticker: Ticker): Market {
    const known = this.#markets.get(ticker);
    if (known !== undefined) return known;
    const market: Market = { BUY: new SimulatedSide('BUY'), SELL: new SimulatedSide('SELL') };
    this.#markets.set(ticker, market);
    const quote = this.#options.quotes.latest(ticker);
    if (quote !== undefined) this.#show(quote);
    return market;
  }
}

const workingOf = (order: VenueOrder): Working => ({
  order,
  leaves: order.quantity,
  reports: [ACKNOWLEDGED],
  firstWords: 1,
  level: undefined,
  older: undefined,
  younger: undefined,
});
