import { beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../stack/programs.ts';
import { scratchFolder } from '../../stack/scratch.ts';
import { softwareFolder } from '../../stack/software.ts';
import { DEPLOYMENT, type SeriesTable, TRADING_CASES } from './alert-cases.fixture.ts';
import { NO_BACKUPS, OPERATING_CASES } from './operating-cases.fixture.ts';
import { ALERTS, promtool, RECORDED, testRules } from './rule-files.fixture.ts';

const CASES = [...TRADING_CASES, ...OPERATING_CASES];

beforeAll(() => findProgram('promtool', softwareFolder())); // it may have to be fetched

const series = (table: SeriesTable, deployment = DEPLOYMENT): object[] =>
  Object.entries(table).map(([name, values]) => ({
    series: name.replace('{', `{deployment="${deployment}", `),
    values,
  }));

test('Prometheus takes the configuration, and each file of rules', async () => {
  expect(await promtool('check', 'config', 'prometheus.yml')).toContain('SUCCESS');
  expect(await promtool('check', 'rules', '--lint-fatal', 'recording.yml', 'alerts.yml')).toContain(
    'SUCCESS',
  );
});

test('every alert has its case', () => {
  expect(CASES.map(({ alert }) => alert).sort()).toEqual(ALERTS.map(({ alert }) => alert).sort());
});

const LASTING = CASES.filter(({ still }) => still !== undefined);

test('what misses something is looked at hours later too', () => {
  const missing = ALERTS.filter(({ expr }) => /unless on|and on|time\(\) - max/.test(expr));
  expect(LASTING.map(({ alert }) => alert).sort()).toEqual(missing.map(({ alert }) => alert).sort());
});

test.each(LASTING)('$alert does not end by itself', async ({ alert, still, fires }) => {
  const query = {
    expr: `count(ALERTS{alertname="${alert}", alertstate="firing"})`,
    eval_time: still,
    exp_samples: [{ labels: '{}', value: 1 }],
  };
  await testRules(await scratchFolder(), [{ input_series: series(fires), promql_expr_test: [query] }]);
});

describe.each(CASES)('$alert', ({ alert, at, fires, labels, summary, quiet }) => {
  const rule = ALERTS.find((each) => each.alert === alert);

  test('fires when it should, whoever else is well, and says what is affected', async () => {
    const expected = {
      exp_labels: { severity: rule?.labels.severity, deployment: DEPLOYMENT, ...labels },
      exp_annotations: { ...rule?.annotations, summary },
    };
    const alerts = { alertname: alert, eval_time: at, exp_alerts: [expected] };
    const input = [...series(fires), ...series(quiet, 'staging')];
    await testRules(await scratchFolder(), [{ input_series: input, alert_rule_test: [alerts] }]);
  });

  test('is quiet when it comes near', async () => {
    const alerts = { alertname: alert, eval_time: at, exp_alerts: [] };
    await testRules(await scratchFolder(), [{ input_series: series(quiet), alert_rule_test: [alerts] }]);
  });
});

const firing = (alert: string, eval_time: string, deployments: readonly string[]): object => ({
  expr: `count by (deployment) (ALERTS{alertname="${alert}", alertstate="firing"})`,
  eval_time,
  exp_samples: deployments.map((deployment) => ({ labels: `{deployment="${deployment}"}`, value: 1 })),
});

test.each([
  { alert: 'ItirpDrillOverdue', what: 'backups that nobody ever tried', before: '7d', after: '8d2h' },
  { alert: 'ItirpVerifyOverdue', what: 'journals that nobody ever proved', before: '3d', after: '3d3h' },
])('$what are told of by $after, not by $before, and as long as it lasts', async (row) => {
  const { alert, before, after } = row;
  const input = [
    ...series({ 'maintenance_last_success_timestamp_seconds{kind="backup"}': '0x400' }),
    ...series({ 'journal_position{instance="e", shard="desk-a"}': '5x400' }, 'without-backups'),
  ];
  const looks = [
    firing(alert, before, []),
    firing(alert, after, [DEPLOYMENT]),
    firing(alert, '15d', [DEPLOYMENT]),
  ];
  await testRules(await scratchFolder(), [{ input_series: input, promql_expr_test: looks }], '1h'); // days of minutes take minutes
});

const OF_BACKUPS = CASES.filter(({ alert }) => /^Itirp(Backup|Drill)/.test(alert));

test.each(OF_BACKUPS)(
  '$alert is not for who took backups once and takes none now, on purpose',
  async ({ alert, at, fires }) => {
    const input = [...series({ ...fires, ...NO_BACKUPS }), ...series(fires, 'staging')];
    const looks = [firing(alert, at, ['staging'])];
    await testRules(await scratchFolder(), [{ input_series: input, promql_expr_test: looks }]);
  },
);

test('a drill proves the journal: who has one and never ran verify is asked for nothing', async () => {
  const succeeded = (kind: string, values: string): SeriesTable => ({
    [`maintenance_last_success_timestamp_seconds{kind="${kind}"}`]: values,
  });
  const input = series({ ...succeeded('backup', '0x200'), ...succeeded('drill', '0+3600x200') });
  const looks = [firing('ItirpVerifyOverdue', '8d', [])];
  await testRules(await scratchFolder(), [{ input_series: input, promql_expr_test: looks }], '1h');
});

test.each([
  ['ItirpBackupFailed', 'backup'],
  ['ItirpDrillFailed', 'drill'],
  ['ItirpVerifyFailed', 'verify'],
])(
  '%s waits for the end of a %s that is under way, and tells at once of one that failed',
  async (alert, kind) => {
    // What is under way has no outcome: none is shown before the first one ends, then that of the one before.
    const input = [
      ...series({ 'node_ready{instance="p1", role="projector"}': '1x10' }, 'first'),
      ...series({ [`maintenance_last_outcome{instance="p1", kind="${kind}"}`]: '_x5 1x5' }, 'first'),
      ...series({ [`maintenance_last_outcome{instance="p1", kind="${kind}"}`]: '1x5 0x5' }, 'later'),
    ];
    const looks = [firing(alert, '4m', []), firing(alert, '6m', ['later'])];
    await testRules(await scratchFolder(), [{ input_series: input, promql_expr_test: looks }]);
  },
);

describe('what is recorded', () => {
  const traffic = {
    'http_requests_total{route="/api/v1/orders", status="200"}': '0+90x400',
    'http_requests_total{route="/api/v1/orders", status="500"}': '0+10x400',
    'orders_total{instance="a"}': '0+50x400',
    'orders_rejected{instance="a"}': '0+10x400',
    'order_latency_seconds_bucket{instance="a", le="0.1"}': '0+99x400',
    'order_latency_seconds_bucket{instance="a", le="+Inf"}': '0+100x400',
    'order_latency_seconds_count{instance="a"}': '0+100x400',
    'journal_append_seconds_bucket{instance="e", le="0.001"}': '0+100x400',
    'journal_append_seconds_bucket{instance="e", le="+Inf"}': '0+100x400',
    'journal_position{instance="e", shard="desk-a"}': '0+100x400',
    'node_ready{instance="e", role="engine"}': '1x400',
    'postgres_synchronous_standbys{instance="e"}': '2x400',
  };
  const values = new Map([
    ['itirp:http_errors:ratio_rate5m', 0.1],
    ['itirp:http_errors:ratio_rate30m', 0.1],
    ['itirp:http_errors:ratio_rate1h', 0.1],
    ['itirp:http_errors:ratio_rate6h', 0.1],
    ['itirp:http_errors:increase5m', 50],
    ['itirp:http_errors:increase30m', 300],
    ['itirp:orders_rejected:ratio_rate5m', 0.2],
    ['itirp:orders_slow:ratio_rate5m', 0.01],
    ['itirp:orders_slow:ratio_rate30m', 0.01],
    ['itirp:orders_slow:ratio_rate1h', 0.01],
    ['itirp:orders_slow:ratio_rate6h', 0.01],
    ['itirp:journal_append_seconds:p99_rate5m', 0.00099],
    ['itirp:shard:owned', 1],
    ['itirp:role:ready', 1],
    ['itirp:synchronous_standbys:max', 2],
  ]);

  test('has a value here, each of it', () => {
    expect([...values.keys()].sort()).toEqual(RECORDED.map(({ record }) => record).sort());
  });

  test.each([...values])('%s is right', async (record, value) => {
    const expression = {
      expr: `abs(max(${record}) - ${value}) < bool 1e-9`, // a rate is a sum of floats
      eval_time: '380m',
      exp_samples: [{ labels: '{}', value: 1 }],
    };
    const tests = [{ input_series: series(traffic), promql_expr_test: [expression] }];
    await testRules(await scratchFolder(), tests);
  });

  test('nothing is recorded of two deployments together', async () => {
    const both = [...series(traffic), ...series(traffic, 'staging')];
    const expressions = RECORDED.map(({ record }) => ({
      expr: `count by (deployment) (${record})`,
      eval_time: '380m',
      exp_samples: [DEPLOYMENT, 'staging'].map((name) => ({ labels: `{deployment="${name}"}`, value: 1 })),
    }));
    await testRules(await scratchFolder(), [{ input_series: both, promql_expr_test: expressions }]);
  });

  test('nothing is divided by nothing: without traffic there is no ratio', async () => {
    const idle = Object.fromEntries(Object.keys(traffic).map((name) => [name, '7x400']));
    const tests = RECORDED.filter(({ record }) => record.includes(':ratio_')).map(({ record }) => ({
      expr: record,
      eval_time: '380m',
      exp_samples: [],
    }));
    await testRules(await scratchFolder(), [{ input_series: series(idle), promql_expr_test: tests }]);
  });
});
