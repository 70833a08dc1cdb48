/** What maintenance came to: written for good, and the newest of each kind is what counts. */
import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import { beginRun, endRun, type MaintenanceKind, newRun, readMaintenance } from './maintenance.ts';
import { openPool } from './pool.ts';

let pool: pg.Pool;
beforeEach(async () => {
  pool = openPool(await freshSchema(), { connectionsMax: 2 });
});
afterEach(() => pool.end());

async function run(kind: MaintenanceKind, isGood: boolean, figures = {}): Promise<void> {
  const one = newRun(kind);
  await beginRun(pool, one);
  await endRun(pool, one, isGood ? 'good' : 'failed', figures);
}
const kindsSeen = async () => (await readMaintenance(pool)).kinds;

test('where nothing was ever done, nothing is known', async () => {
  expect(await readMaintenance(pool)).toEqual({ kinds: [], rpoSeconds: undefined, rtoSeconds: undefined });
});

test('the last good one is remembered beside the newest, and a drill’s figures are those of the last good one', async () => {
  await run('drill', true, { rpo_seconds: 9, rto_seconds: 8 });
  await run('drill', true, { rpo_seconds: 1.5, rto_seconds: 2.25, wrong: undefined });
  const { kinds } = await readMaintenance(pool);
  const goodAt = kinds[0]?.lastGoodAtSeconds ?? 0;
  expect(Math.abs(goodAt - Date.now() / 1000)).toBeLessThan(60);
  await run('drill', false, { wrong: 'the backup is damaged', rpo_seconds: 77 });
  await run('verify', false);
  expect(await readMaintenance(pool)).toMatchObject({
    kinds: [
      { kind: 'drill', isGood: false, lastGoodAtSeconds: goodAt },
      { kind: 'verify', isGood: false, lastGoodAtSeconds: undefined },
    ],
    rpoSeconds: 1.5,
    rtoSeconds: 2.25,
  });
});

test('a good drill that could not say what would be lost says nothing', async () => {
  await run('drill', true, { rto_seconds: 2 });
  expect(await readMaintenance(pool)).toMatchObject({ rpoSeconds: undefined, rtoSeconds: 2 });
});

test('checkpoints that hold make no journal proven that was not', async () => {
  await run('verify', false);
  await run('checkpoints', true);
  expect(await kindsSeen()).toMatchObject([
    { kind: 'checkpoints', isGood: true },
    { kind: 'verify', isGood: false },
  ]);
});

test('what has begun says nothing until it ends; once another has begun, nobody is left to end it', async () => {
  await run('drill', true);
  const killed = newRun('drill');
  await beginRun(pool, killed);
  await beginRun(pool, newRun('backup'));
  expect(await kindsSeen()).toMatchObject([{ kind: 'drill', isGood: true }]);
  const next = newRun('drill');
  await beginRun(pool, next);
  expect(await kindsSeen()).toMatchObject([{ kind: 'drill', isGood: false }]);
  await endRun(pool, next, 'good', {});
  expect(await kindsSeen()).toMatchObject([{ kind: 'drill', isGood: true }]);
});

test('two at once are both counted as they end, whoever began first', async () => {
  const [first, second] = [newRun('verify'), newRun('verify')];
  await beginRun(pool, first);
  await beginRun(pool, second);
  await endRun(pool, second, 'good', {});
  expect(await kindsSeen()).toMatchObject([{ isGood: true }]);
  await endRun(pool, first, 'failed', {});
  expect(await kindsSeen()).toMatchObject([{ isGood: false }]);
});

test('what began long ago and never ended was killed, also where nothing came after it', async () => {
  const began = (hours: number) =>
    pool.query(
      `insert into maintenance_runs (id, kind, outcome, at)
       values (gen_random_uuid(), 'drill', 'begun', now() - make_interval(hours => $1))`,
      [hours],
    );
  await began(5);
  expect(await kindsSeen()).toEqual([]);
  await began(7);
  expect(await kindsSeen()).toMatchObject([{ kind: 'drill', isGood: false, lastGoodAtSeconds: undefined }]);
});

test('what was interrupted did not go well, and a run ends once', async () => {
  const one = newRun('backup');
  await endRun(pool, one, 'interrupted', {}); // that it began could not be written
  await expect(endRun(pool, one, 'good', {})).rejects.toMatchObject({ code: '23505' });
  expect(await kindsSeen()).toMatchObject([{ kind: 'backup', isGood: false }]);
});

test.each([
  "update maintenance_runs set outcome = 'good'",
  'delete from maintenance_runs',
  'truncate maintenance_runs',
])('what was written stays: %s', async (statement) => {
  await run('backup', false);
  await expect(pool.query(statement)).rejects.toMatchObject({
    code: '23001',
    message: expect.stringContaining('append-only'),
  });
});

test('an outcome or a kind that nobody knows is not written', async () => {
  await expect(run('holiday' as 'backup', true)).rejects.toMatchObject({ code: '23514' });
});
