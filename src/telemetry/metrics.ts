/** The figures the platform shows of itself. This room offers instruments; the rooms that know feed them. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';

/** Seconds, from a tenth of a millisecond: a durable order takes about one. */
const SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];

/** Every instrument, made on one registry that is handed around and never global. */
export type Metrics = ReturnType<typeof openMetrics>;

/** The instruments, all at zero. Default process metrics (event loop lag, heap, CPU) come with them. */
export function openMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const instruments = {
    registry,
    ...tradingInstruments(registry),
    ...writePathInstruments(registry),
    ...edgeInstruments(registry),
  };
  watchEventLoop(registry);
  return instruments;
}

/** The guide's names. */
function tradingInstruments(registry: Registry) {
  const registers = [registry];
  return {
    /** Orders that our rules answered: accepted or denied. */
    ordersTotal: new Counter({
      name: 'orders_total',
      help: 'Orders answered, accepted or denied',
      registers,
    }),
    /** Orders filled whole. */
    ordersExecuted: new Counter({ name: 'orders_executed', help: 'Orders filled whole', registers }),
    /** Orders that our rules or a venue refused. */
    ordersRejected: new Counter({
      name: 'orders_rejected',
      help: 'Orders refused by our rules or by a venue',
      registers,
    }),
    /** Commands that came over the bus and were not carried out, by why. */
    commandsSkipped: new Counter({
      name: 'bus_commands_skipped_total',
      help: 'Commands from the bus that were late, came twice or did not read',
      labelNames: ['why'] as const,
      registers,
    }),
    /** From the request's arrival to its durable answer, in seconds. */
    orderLatency: new Histogram({
      name: 'order_latency_seconds',
      help: 'From the arrival of an order to its durable answer',
      buckets: SECONDS,
      registers,
    }),
    activePositions: new Gauge({
      name: 'active_positions',
      help: 'Instruments held, long or short',
      registers,
    }),
    netExposure: new Gauge({
      name: 'net_exposure_usd',
      help: 'Longs less shorts at the last marks, in USD',
      registers,
    }),
  };
}

/** From the sequencer's queue to the read models. */
function writePathInstruments(registry: Registry) {
  const registers = [registry];
  const labelNames = ['shard'] as const;
  const seconds = (name: string, help: string) => new Histogram({ name, help, buckets: SECONDS, registers });
  return {
    sequencerQueue: new Gauge({
      name: 'sequencer_queue_depth',
      help: 'Commands waiting',
      labelNames,
      registers,
    }),
    sequencerBatch: new Histogram({
      name: 'sequencer_batch_commands',
      help: 'Commands that one group commit holds',
      buckets: SIZES,
      registers,
    }),
    journalAppend: seconds('journal_append_seconds', 'One append, until PostgreSQL says it is on disk'),
    journalPosition: new Gauge({
      name: 'journal_position',
      help: 'Position of the newest committed fact',
      labelNames,
      registers,
    }),
    publisherLag: new Gauge({
      name: 'publisher_lag_events',
      help: 'Committed facts that the bus was not told of yet',
      labelNames,
      registers,
    }),
    projectionLag: new Gauge({
      name: 'projection_lag_events',
      help: 'Committed facts that the read models do not hold yet',
      labelNames,
      registers,
    }),
  };
}

/** Venues, market data and the doors. */
function edgeInstruments(registry: Registry) {
  const registers = [registry];
  const venue = ['venue'] as const;
  return {
    venueAttempts: new Counter({
      name: 'venue_attempts_total',
      help: 'Calls to a venue',
      labelNames: venue,
      registers,
    }),
    venueRetries: new Counter({
      name: 'venue_retries_total',
      help: 'Calls to a venue that were a repetition',
      labelNames: venue,
      registers,
    }),
    venueInDoubt: new Gauge({
      name: 'venue_in_doubt_orders',
      help: 'Orders of which nobody knows whether the venue has them',
      labelNames: venue,
      registers,
    }),
    venueBreaker: new Gauge({
      name: 'venue_breaker_state',
      help: 'Circuit breaker: 0 closed, 1 half open, 2 open',
      labelNames: venue,
      registers,
    }),
    venueUnmatched: new Counter({
      name: 'venue_reports_unmatched_total',
      help: 'Executions that a venue reports and that no position holds: each is for people to look into',
      labelNames: ['why'] as const,
      registers,
    }),
    venueBeyondBound: new Counter({
      name: 'venue_fills_beyond_bound_total',
      help: 'Executions booked at a worse price than the venue was given',
      labelNames: venue,
      registers,
    }),
    httpRequests: new Counter({ name: 'http_requests_total', help: 'Requests received', registers }),
    httpProblems: new Counter({
      name: 'http_problems_total',
      help: 'Requests answered with a problem, by its code',
      labelNames: ['code'] as const,
      registers,
    }),
    logins: new Counter({
      name: 'logins_total',
      help: 'Logins by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
  };
}

/** How busy the event loop is: 1 leaves no time to wait in. Reckoned from scrape to scrape. */
function watchEventLoop(registry: Registry): void {
  let last = performance.eventLoopUtilization();
  const gauge = new Gauge({
    name: 'event_loop_utilization',
    help: 'Share of time the event loop was busy since the last scrape',
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization();
      gauge.set(performance.eventLoopUtilization(now, last).utilization);
      last = now;
    },
  });
}
