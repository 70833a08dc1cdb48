/** The risk manager's dashboard: what is held, how near the limits are, and what they turned away. */
import { type Chapter, type Dashboard, OF_NODE, OF_SHARD, rateOrZero } from './dashboard.ts';

const NEAR = [
  { from: 0.8, colour: 'yellow' },
  { from: 0.95, colour: 'red' },
] as const;

const now: Chapter = {
  title: 'Now',
  rows: [
    {
      height: 4,
      panels: [
        {
          title: 'Kill switch',
          says: 'Halted anywhere? New orders of that shard are denied, cancels are taken.',
          kind: 'stat',
          unit: 'short',
          queries: [{ expr: `max(kill_switch_engaged{${OF_SHARD}})`, legend: '' }],
          words: { 0: 'trading', 1: 'HALTED' },
          thresholds: [{ from: 1, colour: 'red' }],
        },
        {
          title: 'Nearest limit',
          says: 'The most that any shard uses of any of its limits, held and working orders at their worst.',
          kind: 'gauge',
          unit: 'percentunit',
          min: 0,
          max: 1,
          queries: [{ expr: `max(risk_limit_utilisation_ratio{${OF_SHARD}})`, legend: '' }],
          thresholds: NEAR,
        },
        {
          title: 'Net exposure now',
          says: 'Longs less shorts at the last marks, all shards together.',
          kind: 'stat',
          unit: 'currencyUSD',
          queries: [{ expr: `sum(net_exposure_usd{${OF_NODE}})`, legend: '' }],
        },
        {
          title: 'Gross exposure now',
          says: 'Longs and shorts together at the last marks, all shards together.',
          kind: 'stat',
          unit: 'currencyUSD',
          queries: [{ expr: `sum(gross_exposure_usd{${OF_NODE}})`, legend: '' }],
        },
        {
          title: 'Denials a second',
          says: 'Refusals by our rules. An order that several rules refuse counts at each.',
          kind: 'stat',
          unit: 'ops',
          queries: [{ expr: rateOrZero('risk_denials_total'), legend: '' }],
        },
      ],
    },
  ],
};

const exposure: Chapter = {
  title: 'Exposure',
  rows: [
    {
      height: 8,
      panels: [
        {
          title: 'Net Exposure',
          says: 'Longs less shorts at the last marks, in USD: the firm, and what each engine answers for.',
          kind: 'timeseries',
          unit: 'currencyUSD',
          queries: [
            { expr: `sum(net_exposure_usd{${OF_NODE}})`, legend: 'firm' },
            { expr: `sum by (instance) (net_exposure_usd{${OF_NODE}})`, legend: '{{instance}}' },
          ],
        },
        {
          title: 'Gross Exposure',
          says: 'Longs and shorts together at the last marks, in USD.',
          kind: 'timeseries',
          unit: 'currencyUSD',
          min: 0,
          queries: [
            { expr: `sum(gross_exposure_usd{${OF_NODE}})`, legend: 'firm' },
            { expr: `sum by (instance) (gross_exposure_usd{${OF_NODE}})`, legend: '{{instance}}' },
          ],
        },
      ],
    },
  ],
};

const limits: Chapter = {
  title: 'Limits',
  rows: [
    {
      height: 8,
      panels: [
        {
          title: 'Limit utilisation',
          says: 'Of each limit the shard that is nearest to it. Above 1: a limit was lowered, or a mark has moved.',
          kind: 'timeseries',
          unit: 'percentunit',
          min: 0,
          queries: [
            {
              expr: `max by (limit) (risk_limit_utilisation_ratio{${OF_SHARD}})`,
              legend: '{{limit}}',
            },
          ],
          thresholds: NEAR,
        },
        {
          title: 'Utilisation by shard',
          says: 'Of each shard the limit that is nearest.',
          kind: 'timeseries',
          unit: 'percentunit',
          min: 0,
          queries: [
            {
              expr: `max by (shard) (risk_limit_utilisation_ratio{${OF_SHARD}})`,
              legend: '{{shard}}',
            },
          ],
          thresholds: NEAR,
        },
        {
          title: 'Denials by rule',
          says: 'What turned orders away.',
          kind: 'timeseries',
          unit: 'ops',
          min: 0,
          isStacked: true,
          queries: [{ expr: rateOrZero('risk_denials_total', 'rule'), legend: '{{rule}}' }],
        },
      ],
    },
    {
      height: 7,
      panels: [
        {
          title: 'Halted',
          says: 'The kill switch of each shard: 1 while it is engaged.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          max: 1,
          queries: [{ expr: `max by (shard) (kill_switch_engaged{${OF_SHARD}})`, legend: '{{shard}}' }],
        },
        {
          title: 'Positions',
          says: 'Instruments held, long or short.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          queries: [{ expr: `sum(active_positions{${OF_NODE}})`, legend: 'held' }],
        },
        {
          title: 'Working orders by shard',
          says: 'They count against the limits with their worst case.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          isStacked: true,
          queries: [{ expr: `max by (shard) (orders_working{${OF_SHARD}})`, legend: '{{shard}}' }],
        },
        {
          title: 'Executions to look into',
          says: 'Unmatched: the venue reports what no position holds. Beyond bound: at a worse price than it was given.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          queries: [
            { expr: `sum(venue_reports_unmatched_total{${OF_NODE}}) or vector(0)`, legend: 'unmatched' },
            { expr: `sum(venue_fills_beyond_bound_total{${OF_NODE}}) or vector(0)`, legend: 'beyond bound' },
          ],
          thresholds: [{ from: 1, colour: 'red' }],
        },
      ],
    },
  ],
};

export const RISK: Dashboard = {
  uid: 'itirp-risk',
  title: 'ITIRP: Risk',
  says: 'What is held, how near are the limits, and what did they turn away?',
  chapters: [now, exposure, limits],
};
