/** However shards, standbys, accounts and parts come and go: the gauges of a process stay few, and each label has a rule. */
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { buy, place } from '../core/testing/story.ts';
import { by, openStage } from '../sequencer/stage.fixture.ts';
import { LABEL_RULES, labelsOf } from '../telemetry/label-rules.fixture.ts';
import { silentLog } from '../telemetry/log.ts';
import { type Metrics, openMetrics } from '../telemetry/metrics.ts';
import { Readiness } from '../telemetry/readiness.ts';
import { type Gauged, Gauges, observeCommit } from './gauges.ts';
import { looksFor } from './looks.ts';
import { showNode, showPools } from './node-gauges.ts';
import { ROLES } from './roles.ts';

const MARK = 'zq7';
/** Of those that are not the HTTP door's. */
const SERIES_MAX = 1_500;
/** Sixteen at once; over the life of a process, so many and `others`. */
const STANDBYS_EVER_MAX = 65;

test('every label of every instrument has a rule', () => {
  const labels = openMetrics().instruments.flatMap((one) => one.labels.map((label) => [one.name, label]));
  expect(labels.length).toBeGreaterThan(30);
  expect(labels.filter(([, label = '']) => LABEL_RULES[label] === undefined)).toEqual([]);
});

/** The looks of a process, at a PostgreSQL of our making. */
function looksAt(metrics: Metrics) {
  const standbys: object[] = [];
  const kinds = ['backup', 'drill', 'verify', 'checkpoints'].map((kind) => ({
    kind,
    isGood: true,
    at: 1,
    lastGoodAt: 1,
  }));
  const query = async (sql: string) => {
    if (sql.includes('pg_stat_replication')) return { rows: standbys };
    if (sql.includes('group by kind')) return { rows: kinds };
    return { rows: sql.includes('rpo') ? [{ rpo: 1, rto: 2 }] : [{ ms: BigInt(Date.now()) }] };
  };
  const config = {
    POSTGRES_URL: undefined,
    DATA_DIR: tmpdir(),
    CHECKPOINT_DIR: tmpdir(),
    BACKUP_TO: tmpdir(),
  };
  const looks = looksFor({ config, metrics, database: { looks: { query } as never }, roles: new Set(ROLES) });
  return { standbys, looks };
}

test('what comes and goes leaves few series, none of a caller’s making, and all by the rules', async () => {
  const metrics = openMetrics();
  const ours = new Set(metrics.instruments.map(({ name }) => name));
  const { sequencer } = await openStage({ onCommit: observeCommit(metrics) });
  const gauges = new Gauges(metrics, silentLog(), { everyMs: 2, staleMs: 20 });
  const readiness = new Readiness();
  showNode(metrics, readiness);
  const pool = { totalCount: 3, idleCount: 1, waitingCount: 0, options: { max: 4 } };
  const pools = ['itirp', 'itirp journal', 'itirp looks'].map((application_name) => ({
    ...pool,
    options: { ...pool.options, application_name },
  }));
  showPools(metrics, { pools: pools as never });
  const { standbys, looks } = looksAt(metrics);
  const link = { attempts: 1, retries: 0, inDoubt: 0, breaker: { status: 'closed' } } as Gauged['link'];
  const lines = async (): Promise<string[]> =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  const standbysSeen = new Set<string>();
  for (let round = 0; round < 60; round++) {
    const leave = ['main', 'east'].map((shard) => gauges.watch({ shard, sequencer, link, venue: 'SIM' }));
    await sequencer.submit(place(buy(`${MARK}-${round}`, '1', '1')), by);
    standbys.splice(
      0,
      3,
      ...[0, 1, 2].map((n) => ({
        name: `standby-${round}-${n}`,
        lagBytes: n,
        lagSeconds: n,
        synchronous: 0,
      })),
    );
    readiness.set('database', round % 2 === 0 ? `${MARK} ${round}` : undefined);
    await Promise.all(looks.map((look) => look()));
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const line of await lines()) {
      const { standby, ...labels } = labelsOf(line);
      if (standby !== undefined) standbysSeen.add(standby);
      if (!ours.has(line.split(/[{ ]/)[0]?.replace(/_(bucket|sum|count)$/, '') ?? '')) continue;
      for (const [label, value] of Object.entries(labels))
        expect(value, line).toMatch(LABEL_RULES[label] ?? /^$/);
    }
    if (round < 59) for (const go of leave) go();
  }
  const last = await lines();
  gauges.stop();
  await sequencer.stop();
  expect(last.length).toBeLessThan(SERIES_MAX);
  expect(last.filter((line) => line.includes(MARK))).toEqual([]);
  for (const name of [
    'kill_switch_engaged',
    'postgres_pool_waiting',
    'maintenance_last_outcome',
    'data_disk_free_bytes',
  ])
    expect(
      last.some((line) => line.startsWith(`${name}{`)),
      name,
    ).toBe(true);
  expect(standbysSeen.size).toBe(STANDBYS_EVER_MAX);
  expect(last).toContain('postgres_replication_lag_bytes{standby="others"} 2'); // the slowest of them
});
