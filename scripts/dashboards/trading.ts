/** The dashboard of those who see to it that orders flow: how many, how fast, what is refused, and where the time goes. */
import { type Chapter, type Dashboard, OF_NODE, OF_SHARD, quantile, rate, rateOrZero } from './dashboard.ts';

const WAITING_MANY = 1_000;

const now: Chapter = {
  title: 'Now',
  rows: [
    {
      height: 4,
      panels: [
        {
          title: 'Orders a second',
          says: 'Orders that our rules answered, accepted or denied.',
          kind: 'stat',
          unit: 'ops',
          queries: [{ expr: rate('orders_total'), legend: '' }],
        },
        {
          title: 'Slowest order in a hundred',
          says: 'From the arrival of an order to its durable answer. Promised: 100 ms.',
          kind: 'stat',
          unit: 's',
          queries: [{ expr: quantile(0.99, 'order_latency_seconds'), legend: '' }],
          thresholds: [
            { from: 0.1, colour: 'yellow' },
            { from: 0.5, colour: 'red' },
          ],
        },
        {
          title: 'Working orders',
          says: 'Accepted, and neither filled, canceled nor expired.',
          kind: 'stat',
          unit: 'short',
          queries: [{ expr: `sum(orders_working{${OF_SHARD}})`, legend: '' }],
        },
        {
          title: 'Orders in doubt',
          says: 'Sent to a venue, which has not said whether it has them.',
          kind: 'stat',
          unit: 'short',
          queries: [{ expr: `sum(venue_in_doubt_orders{${OF_NODE}})`, legend: '' }],
          thresholds: [{ from: 1, colour: 'red' }],
        },
        {
          title: 'Venues',
          says: 'The worst circuit breaker. Cut off: it is open, and nothing is sent there. On trial: half open.',
          kind: 'stat',
          unit: 'short',
          queries: [{ expr: `max(venue_breaker_state{${OF_NODE}})`, legend: '' }],
          words: { 0: 'in use', 1: 'on trial', 2: 'CUT OFF' },
          thresholds: [
            { from: 1, colour: 'yellow' },
            { from: 2, colour: 'red' },
          ],
        },
      ],
    },
  ],
};

const orders: Chapter = {
  title: 'Orders',
  rows: [
    {
      height: 8,
      panels: [
        {
          title: 'Order Latency (P50/P95/P99)',
          says: 'From the arrival of an order to its durable answer, as the API nodes measure it.',
          kind: 'timeseries',
          unit: 's',
          isLog: true,
          queries: [0.5, 0.95, 0.99].map((part) => ({
            expr: quantile(part, 'order_latency_seconds'),
            legend: `P${part * 100}`,
          })),
          thresholds: [{ from: 0.1, colour: 'red' }],
        },
        {
          title: 'Order Rejection Rate',
          says: 'The part of all answered orders that our rules denied or a venue rejected.',
          kind: 'timeseries',
          unit: 'percentunit',
          min: 0,
          queries: [
            { expr: `${rate('orders_rejected')} / (${rate('orders_total')} > 0)`, legend: 'rejected' },
          ],
          thresholds: [{ from: 0.2, colour: 'red' }],
        },
        {
          title: 'Orders',
          says: 'Answered: accepted or denied. A filled order was filled whole.',
          kind: 'timeseries',
          unit: 'ops',
          min: 0,
          queries: [
            { expr: rate('orders_total'), legend: 'answered' },
            { expr: rate('orders_executed'), legend: 'filled' },
            { expr: rate('orders_rejected'), legend: 'rejected' },
          ],
        },
      ],
    },
  ],
};

const time: Chapter = {
  title: 'Where the time goes',
  rows: [
    {
      height: 7,
      panels: [
        {
          title: 'On the bus',
          says: 'Sent: until Kafka has it. Answered: until the engine’s answer is heard, journal and all.',
          kind: 'timeseries',
          unit: 's',
          isLog: true,
          needs: 'many processes',
          queries: [
            { expr: quantile(0.5, 'bus_send_seconds'), legend: 'sent P50' },
            { expr: quantile(0.99, 'bus_send_seconds'), legend: 'sent P99' },
            { expr: quantile(0.5, 'bus_answer_seconds'), legend: 'answered P50' },
            { expr: quantile(0.99, 'bus_answer_seconds'), legend: 'answered P99' },
          ],
        },
        {
          title: 'Sequencer wait',
          says: 'From coming into the queue to its turn in a batch: long when more comes than one thread can do.',
          kind: 'timeseries',
          unit: 's',
          isLog: true,
          queries: [
            { expr: quantile(0.5, 'sequencer_wait_seconds'), legend: 'P50' },
            { expr: quantile(0.99, 'sequencer_wait_seconds'), legend: 'P99' },
          ],
        },
        {
          title: 'Journal append',
          says: 'Until PostgreSQL says that it is on disk, its synchronous standby’s too. Every order waits for its own.',
          kind: 'timeseries',
          unit: 's',
          isLog: true,
          queries: [
            { expr: quantile(0.5, 'journal_append_seconds'), legend: 'P50' },
            { expr: quantile(0.99, 'journal_append_seconds'), legend: 'P99' },
          ],
          thresholds: [{ from: 0.1, colour: 'red' }],
        },
        {
          title: 'Deciding',
          says: 'One command decided, and its facts folded into the state: processor time alone.',
          kind: 'timeseries',
          unit: 's',
          isLog: true,
          queries: [
            { expr: quantile(0.5, 'decide_seconds'), legend: 'P50' },
            { expr: quantile(0.99, 'decide_seconds'), legend: 'P99' },
          ],
        },
      ],
    },
    {
      height: 7,
      panels: [
        {
          title: 'Commands on the bus',
          says: 'In Kafka, and not yet taken in by the engine of the shard.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          needs: 'many processes',
          queries: [{ expr: `max by (shard) (bus_consumer_lag_commands{${OF_SHARD}})`, legend: '{{shard}}' }],
          thresholds: [{ from: WAITING_MANY, colour: 'red' }],
        },
        {
          title: 'Commands in the queue',
          says: 'In the engine, waiting for the next batch.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          queries: [{ expr: `max by (shard) (sequencer_queue_depth{${OF_SHARD}})`, legend: '{{shard}}' }],
        },
        {
          title: 'Commands in a batch',
          says: 'How many share one commit: it follows the load by itself.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          queries: [
            {
              expr: `${rate('sequencer_batch_commands_sum')} / (${rate('sequencer_batch_commands_count')} > 0)`,
              legend: 'mean',
            },
          ],
        },
        {
          title: 'Facts into the journal',
          says: 'How fast the journal of each shard grows.',
          kind: 'timeseries',
          unit: 'ops',
          min: 0,
          isStacked: true,
          queries: [
            {
              expr: `sum by (shard) (rate(journal_position{${OF_SHARD}}[$__rate_interval]))`,
              legend: '{{shard}}',
            },
          ],
        },
      ],
    },
  ],
};

const venues: Chapter = {
  title: 'Venues',
  rows: [
    {
      height: 7,
      panels: [
        {
          title: 'Calls to venues',
          says: 'Orders and cancels sent; those sent again are counted in both.',
          kind: 'timeseries',
          unit: 'ops',
          min: 0,
          queries: [
            { expr: rate('venue_attempts_total', 'venue'), legend: '{{venue}} sent' },
            { expr: rate('venue_retries_total', 'venue'), legend: '{{venue}} sent again' },
          ],
        },
        {
          title: 'Venue answers',
          says: 'From a request to the venue’s answer.',
          kind: 'timeseries',
          unit: 's',
          isLog: true,
          queries: [
            { expr: quantile(0.5, 'venue_answer_seconds', 'venue'), legend: '{{venue}} P50' },
            { expr: quantile(0.99, 'venue_answer_seconds', 'venue'), legend: '{{venue}} P99' },
          ],
        },
        {
          title: 'In doubt',
          says: 'Orders of which nobody knows whether the venue has them. They keep their reservations.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          queries: [{ expr: `sum by (venue) (venue_in_doubt_orders{${OF_NODE}})`, legend: '{{venue}}' }],
          thresholds: [{ from: 1, colour: 'red' }],
        },
        {
          title: 'Commands not carried out',
          says: 'From the bus: too late, twice, or unreadable.',
          kind: 'timeseries',
          unit: 'ops',
          min: 0,
          queries: [{ expr: rateOrZero('bus_commands_skipped_total', 'why'), legend: '{{why}}' }],
        },
      ],
    },
  ],
};

export const TRADING: Dashboard = {
  uid: 'itirp-trading',
  title: 'ITIRP: Trading',
  says: 'Do orders flow, how fast, what is refused, and where does the time go?',
  chapters: [now, orders, time, venues],
};
