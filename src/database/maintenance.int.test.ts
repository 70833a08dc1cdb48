/** What maintenance came to: written for good, and the newest of each kind is what counts. */
import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import { type MaintenanceKind, readMaintenance, recordMaintenance } from './maintenance.ts';
import { openPool } from './pool.ts';

let pool: pg.Pool;
beforeEach(async () => {
  pool = openPool(await freshSchema(), { connectionsMax: 2 });
});
afterEach(() => pool.end());

const startedAt = new Date('2026-01-30T14:30:00.123Z');
const run = (kind: MaintenanceKind, isGood: boolean, figures = {}) =>
  recordMaintenance(pool, { kind, startedAt, isGood, figures });

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
  expect(await readMaintenance(pool)).toEqual({
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

test('a start in the future, by the tool’s clock, is no reason to write nothing', async () => {
  const ahead = new Date(Date.now() + 3_600_000);
  await recordMaintenance(pool, { kind: 'backup', startedAt: ahead, isGood: true, figures: {} });
  expect((await readMaintenance(pool)).kinds).toMatchObject([{ kind: 'backup', isGood: true }]);
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
