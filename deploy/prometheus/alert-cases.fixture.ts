/** For each alert what sets it off, with the line that people then read, and what comes near and must not. */

/** Whose series they are: the tests give each of them this `deployment`, and let another one be well beside it. */
export const DEPLOYMENT = 'prod';

/** Series as promtool writes them: `up{job="itirp"}` to `1x10`, one value a minute, from the minute 0 on. */
export type SeriesTable = Readonly<Record<string, string>>;

export interface AlertCase {
  readonly alert: string;
  /** When it is looked at. */
  readonly at: string;
  /** Hours later, when nobody did anything: it must fire yet. */
  readonly still?: string;
  readonly fires: SeriesTable;
  /** The labels of the alert, but for its severity and its deployment. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly quiet: SeriesTable;
}

const TRADING: readonly AlertCase[] = [
  {
    alert: 'ItirpOrderRejectsHigh',
    at: '15m',
    fires: { 'orders_total{instance="a"}': '0+100x20', 'orders_rejected{instance="a"}': '0+30x20' },
    summary: '30% of the orders in prod are refused',
    // A third again, but of so few orders that one trader's slip would wake somebody.
    quiet: { 'orders_total{instance="a"}': '0+6x20', 'orders_rejected{instance="a"}': '0+2x20' },
  },
  {
    alert: 'ItirpOrderLatencyBurnFast',
    at: '70m',
    fires: latencies('0+80x70', '0+100x70'),
    summary: '20% of an hour’s orders in prod took over 100 ms',
    quiet: latencies('0+20x60 1290+100x10', '0+100x70'), // an hour of trouble that is over
  },
  {
    alert: 'ItirpOrderLatencyBurnSlow',
    at: '390m',
    fires: latencies('0+90x400', '0+100x400'),
    summary: '10% of six hours’ orders in prod took over 100 ms',
    quiet: latencies('0+95x400', '0+100x400'),
  },
  {
    alert: 'ItirpErrorBurnFast',
    at: '70m',
    fires: requests('0+95x70', '0+5x70'),
    summary: '5% of an hour’s requests in prod failed',
    quiet: requests('0+1x70', '0x67 1x3'), // at night: one of a handful
  },
  {
    alert: 'ItirpErrorBurnSlow',
    at: '390m',
    fires: requests('0+99x400', '0+1x400'),
    summary: '1% of six hours’ requests in prod failed',
    quiet: {
      ...requests('0+995x400', '0+5x400'),
      'http_requests_total{route="/readyz", status="503"}': '0+600x400', // a node that leaves says so to its balancer
    },
  },
  {
    alert: 'ItirpJournalAppendSlow',
    at: '15m',
    fires: appends('0+50x20'),
    labels: { instance: 'engine-1:8000' },
    summary: 'engine-1:8000 needs 247ms to write to the journal',
    quiet: appends('0+100x20'),
  },
  {
    alert: 'ItirpShardUnowned',
    at: '14m',
    still: '6h',
    fires: { 'journal_position{instance="e1", shard="desk-a"}': '5x5 stale' },
    labels: { shard: 'desk-a' },
    summary: 'no engine owns desk-a',
    quiet: {
      'journal_position{instance="e1", shard="desk-a"}': '5x5 stale',
      'journal_position{instance="e2", shard="desk-a"}': '_x5 6x400', // it moved
    },
  },
  {
    alert: 'ItirpBusConsumerLag',
    at: '5m',
    fires: { 'bus_consumer_lag_commands{instance="e1", shard="desk-a"}': '2500x10' },
    labels: { shard: 'desk-a' },
    summary: 'desk-a is 2500 commands behind the bus',
    quiet: { 'bus_consumer_lag_commands{instance="e1", shard="desk-a"}': '900x10' },
  },
  {
    alert: 'ItirpVenueBreakerOpen',
    at: '5m',
    fires: { 'venue_breaker_state{instance="e1", venue="SIM"}': '2x10' },
    labels: { venue: 'SIM' },
    summary: 'no order is sent to SIM',
    quiet: { 'venue_breaker_state{instance="e1", venue="SIM"}': '1x10' },
  },
  {
    alert: 'ItirpOrdersInDoubt',
    at: '5m',
    fires: {
      'venue_in_doubt_orders{instance="e1", venue="SIM"}': '2x10',
      'venue_in_doubt_orders{instance="e2", venue="SIM"}': '1x10',
    },
    labels: { venue: 'SIM' },
    summary: '3 orders at SIM are in doubt',
    quiet: { 'venue_in_doubt_orders{instance="e1", venue="SIM"}': '0 0 0 0 3 3 0' }, // asked for, and answered
  },
  {
    alert: 'ItirpUnmatchedExecutions',
    at: '70m',
    fires: { 'venue_reports_unmatched_total{instance="e1", why="unknown order"}': '_x60 1x20' },
    labels: { why: 'unknown order' },
    summary: 'a venue reports executions that no position holds: unknown order',
    quiet: { 'venue_reports_unmatched_total{instance="e1", why="unknown order"}': '4x80' }, // hours ago
  },
  {
    alert: 'ItirpFillsBeyondBound',
    at: '70m',
    fires: { 'venue_fills_beyond_bound_total{instance="e1", venue="SIM"}': '0x60 1x20' },
    labels: { venue: 'SIM' },
    summary: 'SIM filled at worse prices than it was given',
    quiet: { 'venue_fills_beyond_bound_total{instance="e1", venue="SIM"}': '0x80' },
  },
];

const RISK: readonly AlertCase[] = [
  {
    alert: 'ItirpLimitUsed80',
    at: '5m',
    fires: utilisation('0.85x10'),
    labels: { shard: 'desk-a', limit: 'net_exposure' },
    summary: 'desk-a has used 85% of its limit net_exposure',
    quiet: utilisation('0.79x10'),
  },
  {
    alert: 'ItirpLimitUsed95',
    at: '5m',
    fires: utilisation('0.97x10'),
    labels: { shard: 'desk-a', limit: 'net_exposure' },
    summary: 'desk-a has used 97% of its limit net_exposure',
    quiet: utilisation('0.95x4 0.97 0.95x5'), // an order that is filled or cancelled within the minute
  },
  {
    alert: 'ItirpKillSwitchEngaged',
    at: '5m',
    fires: { 'kill_switch_engaged{instance="e1", shard="desk-a"}': '1x10' },
    labels: { shard: 'desk-a' },
    summary: 'trading is halted in desk-a',
    quiet: { 'kill_switch_engaged{instance="e1", shard="desk-a"}': '0x10' },
  },
];

const READERS: readonly AlertCase[] = [
  {
    alert: 'ItirpProjectionLag',
    at: '5m',
    fires: { 'projection_lag_seconds{instance="p1", shard="desk-a"}': '40x10' },
    labels: { shard: 'desk-a' },
    summary: 'the views of desk-a are 40s behind',
    quiet: { 'projection_lag_seconds{instance="p1", shard="desk-a"}': '0 0 0 30 30 0' }, // a burst, caught up
  },
  {
    alert: 'ItirpPublisherLag',
    at: '5m',
    fires: { 'publisher_lag_seconds{instance="p1", shard="desk-a"}': '90x10' },
    labels: { shard: 'desk-a' },
    summary: 'the news of desk-a is 1m 30s behind',
    quiet: { 'publisher_lag_seconds{instance="p1", shard="desk-a"}': '29x10' },
  },
];

/** By the minute, of one route: those that went well, and those that did not. */
function requests(good: string, failed: string): SeriesTable {
  return {
    'http_requests_total{route="/api/v1/orders", status="200"}': good,
    'http_requests_total{route="/api/v1/orders", status="503"}': failed,
  };
}

function latencies(quick: string, all: string): SeriesTable {
  return {
    'order_latency_seconds_bucket{instance="a", le="0.1"}': quick,
    'order_latency_seconds_bucket{instance="a", le="+Inf"}': all,
    'order_latency_seconds_count{instance="a"}': all,
  };
}

/** Appends of one engine: `quick` of them within 50 ms, all within a quarter of a second. */
function appends(quick: string): SeriesTable {
  const series = (le: string): string =>
    `journal_append_seconds_bucket{instance="engine-1:8000", le="${le}"}`;
  return {
    [series('0.05')]: quick,
    [series('0.1')]: quick,
    [series('0.25')]: '0+100x20',
    [series('+Inf')]: '0+100x20',
  };
}

function utilisation(values: string): SeriesTable {
  return { 'risk_limit_utilisation_ratio{instance="e1", shard="desk-a", limit="net_exposure"}': values };
}

export const TRADING_CASES = [...TRADING, ...RISK, ...READERS];
