/**
 * A whole way out for tests: the real core, a router, and the simulated venue behind a line that fails on
 * demand.
 */
import type { VenueReport } from '../../core/commands.ts';
import type { Order } from '../../core/orders/order.ts';
import { idOf, place, quoteAt } from '../../core/testing/story.ts';
import { formatFixed } from '../../core/values/fixed-point.ts';
import type { CorrelationId, OrderId, UserId } from '../../core/values/names.ts';
import type { QuoteBoard } from '../../market-data/quote-board.ts';
import { type LinkOptions, VenueLink } from '../link.ts';
import { Router } from '../router.ts';
import { SimulatedVenue, type SimulatedVenueOptions } from '../simulated.ts';
import { FlakyVenue } from './flaky-venue.ts';
import { boardOf, NEVER, show } from './market.ts';
import { TrialEngine } from './trial-engine.ts';

/** Waits of a millisecond or two, so that a test of three attempts is over at once. */
export const IMPATIENT: Partial<LinkOptions> = {
  timeoutMs: 200,
  backoffMs: [1, 2],
  inquiryBackoffMs: { first: 1, last: 4 },
};

export class Desk {
  readonly engine: TrialEngine;
  readonly board: QuoteBoard = boardOf();
  readonly simulated: SimulatedVenue;
  readonly venue: FlakyVenue;
  readonly link: VenueLink;
  readonly router: Router;
  readonly broken: unknown[] = [];
  /** Fills at a worse price than the bound, in words. */
  readonly beyondBound: string[] = [];

  /** The market stands at 149 to 151, 100 a side. `engine`: of an earlier life. */
  constructor(
    options: {
      readonly engine?: TrialEngine;
      readonly venue?: Partial<SimulatedVenueOptions>;
      readonly link?: Partial<LinkOptions>;
    } = {},
  ) {
    this.engine = options.engine ?? new TrialEngine();
    show(this.board, '149', '151');
    this.simulated = new SimulatedVenue({ quotes: this.board, session: 'S1', seed: 1, ...options.venue });
    this.venue = new FlakyVenue(this.simulated);
    this.link = new VenueLink(this.venue, { ...IMPATIENT, ...options.link });
    this.router = new Router({
      engine: this.engine,
      venue: this.venue,
      link: this.link,
      onFillBeyondBound: ({ fill, boundPrice }) =>
        this.beyondBound.push(`${formatFixed(fill.price)}, bound ${formatFixed(boundPrice)}`),
      onBroken: (error) => this.broken.push(error),
    });
  }

  /** Accepts `order` in the core. It is routed from there. */
  async place(order: Order): Promise<void> {
    await this.engine.submit(place(order, quoteAt('150')), {
      user: order.user,
      origin: '127.0.0.1',
      correlationId: order.correlationId,
      reason: undefined,
    });
  }

  async cancel(order: Order): Promise<void> {
    await this.engine.submit(
      { type: 'CancelOrder', orderId: order.orderId, owner: undefined },
      {
        user: 'trader1' as UserId,
        origin: '127.0.0.1',
        correlationId: order.correlationId,
        reason: undefined,
      },
    );
  }

  /** Engages the kill switch, or releases it. */
  async turnKillSwitch(isEngaging: boolean): Promise<void> {
    await this.engine.submit(
      { type: isEngaging ? 'EngageKillSwitch' : 'ReleaseKillSwitch' },
      {
        user: 'risk1' as UserId,
        origin: '127.0.0.1',
        correlationId: idOf('risk1') as CorrelationId,
        reason: 'a test',
      },
    );
  }

  /** Resolves once the router has nothing left to do. */
  async quiet(): Promise<void> {
    for (let idle = 0; idle < 3; idle += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      while (this.router.busy > 0) {
        idle = 0;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  }

  /** What the engine was told of the order, in words. */
  told({ orderId }: Order): string[] {
    return this.engine.submissions.flatMap(({ command }) =>
      command.type === 'ReportFromVenue' && command.orderId === orderId ? command.reports.map(wordsOf) : [],
    );
  }

  /** What the venue itself says of the order, in words; undefined: it never saw it. */
  async history(orderId: OrderId): Promise<string[] | undefined> {
    return (await this.simulated.history(orderId, NEVER))?.reports.map(wordsOf);
  }
}

export const wordsOf = (report: VenueReport): string =>
  report.kind === 'filled'
    ? `filled ${formatFixed(report.quantity)} at ${formatFixed(report.price)}`
    : report.kind;
