/** What is looked at beside the order path, on a real PostgreSQL and real disks; and nothing stale once it is gone. */
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type pg from 'pg';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import { endRun, newRun } from '../database/maintenance.ts';
import { openPool } from '../database/pool.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { looksFor } from './looks.ts';
import { ROLES } from './roles.ts';

let pool: pg.Pool;
beforeEach(async () => {
  pool = openPool(await freshSchema(), { connectionsMax: 1 });
  onTestFinished(async () => {
    if (!pool.ended) await pool.end();
  });
});

const config = {
  POSTGRES_URL: undefined,
  DATA_DIR: tmpdir(),
  CHECKPOINT_DIR: '/nowhere/at/all',
  BACKUP_TO: 's3://bucket/x',
};

function around(database: pg.Pool = pool, roles: readonly (typeof ROLES)[number][] = ROLES) {
  const metrics = openMetrics();
  const looks = looksFor({ config, metrics, database: { looks: database }, roles: new Set(roles) });
  const lookAround = async (): Promise<string> => {
    await Promise.all(looks.map((look) => look()));
    return metrics.registry.metrics();
  };
  return { metrics, lookAround };
}
const figureOf = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1),
  );

test('clock, copies, disks and maintenance are shown as they are', async () => {
  const { lookAround } = around();
  const before = await lookAround();
  expect(Math.abs(figureOf(before, 'clock_offset_seconds'))).toBeLessThan(2);
  expect(figureOf(before, 'postgres_synchronous_standbys')).toBe(0);
  const { blocks, bsize } = await statfs(tmpdir());
  expect(figureOf(before, 'data_disk_size_bytes{place="data"}')).toBe(blocks * bsize);
  expect(figureOf(before, 'data_disk_free_bytes{place="data"}')).toBeGreaterThan(0);
  expect(before).not.toContain('place="checkpoints"'); // it is not there
  expect(before).not.toContain('place="backups"'); // it is no disk
  expect(before).not.toMatch(/^maintenance_last/m);

  const figures = { rpo_seconds: 3.5, rto_seconds: 4 };
  await endRun(pool, newRun('drill'), 'good', figures);
  await endRun(pool, newRun('backup'), 'failed', {});
  const after = await lookAround();
  expect(after).toContain('\nmaintenance_last_outcome{kind="drill"} 1\n');
  expect(after).toContain('\nmaintenance_last_outcome{kind="backup"} 0\n');
  const succeededAt = figureOf(after, 'maintenance_last_success_timestamp_seconds{kind="drill"}');
  expect(Math.abs(succeededAt - Date.now() / 1000)).toBeLessThan(60);
  expect(after).not.toContain('maintenance_last_success_timestamp_seconds{kind="backup"}');
  expect(figureOf(after, 'drill_rpo_seconds')).toBe(3.5);
  expect(figureOf(after, 'drill_rto_seconds')).toBe(4);
});

test('once PostgreSQL cannot be asked, nothing that it said is shown any more', async () => {
  const { lookAround } = around();
  const figures = { rpo_seconds: 3.5, rto_seconds: 4 };
  await endRun(pool, newRun('drill'), 'good', figures);
  const OF_POSTGRES = /^(clock_offset|postgres_sync|postgres_replication|maintenance|drill)\S* /m;
  expect(await lookAround()).toMatch(OF_POSTGRES);
  await pool.end();
  const text = await lookAround();
  expect(text).not.toMatch(OF_POSTGRES);
  expect(text).toMatch(/^data_disk_free_bytes/m);
});

/** A database that answers everything with `rows`. */
const telling = (rows: () => readonly object[], asked: string[] = []) => {
  const query = async (sql: string) => {
    asked.push(sql);
    return { rows: rows() };
  };
  return { query, connect: async () => ({ query, release: () => {} }) } as never;
};
const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => /^postgres_(repl|sync)/.test(line))
    .sort();

test('a standby is a series, and goes when it is gone; one that has not said how old it is has no age', async () => {
  const streams = { state: 'streaming', sync: 'quorum' };
  const standbys = [
    { ...streams, name: 'b', lagBytes: 7, lagSeconds: null },
    { ...streams, name: 'a', lagBytes: 0, lagSeconds: 0 },
    { ...streams, name: 'a', lagBytes: 9, lagSeconds: 3, sync: 'async' }, // the slower one of that name
    { name: 'new', state: 'startup', sync: 'async', lagBytes: null, lagSeconds: null },
  ];
  const { lookAround } = around(
    telling(() => standbys),
    ['engine'],
  );
  expect(linesOf(await lookAround())).toEqual([
    'postgres_replication_lag_bytes{standby="a"} 9',
    'postgres_replication_lag_bytes{standby="b"} 7',
    'postgres_replication_lag_seconds{standby="a"} 3',
    'postgres_synchronous_standbys 2',
  ]);
  standbys.splice(0);
  expect(linesOf(await lookAround())).toEqual(['postgres_synchronous_standbys 0']);
});

test('where they are hidden from our user nothing is shown: not even that there are none', async () => {
  const hidden = { name: 'a', state: null, sync: null, lagBytes: null, lagSeconds: null };
  const { lookAround } = around(
    telling(() => [hidden]),
    ['engine'],
  );
  expect(linesOf(await lookAround())).toEqual([]);
});

test('standbys name themselves, so only so many names are shown', async () => {
  const streams = { state: 'streaming', sync: 'async', lagBytes: 1, lagSeconds: 1 };
  const rows = Array.from({ length: 100 }, (_, n) => ({ ...streams, name: `s${n}` }));
  const { lookAround } = around(
    telling(() => rows),
    ['engine'],
  );
  expect((await lookAround()).match(/^postgres_replication_lag_bytes\{/gm)).toHaveLength(16);
});

test('an API node looks at no copy and no maintenance: others know', async () => {
  const asked: string[] = [];
  const told = telling(() => [{ ms: BigInt(Date.now()) }], asked);
  await around(told, ['api']).lookAround();
  expect(new Set(asked).size).toBe(1); // the clock
});
