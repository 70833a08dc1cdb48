/** What maintenance came to: written for good, and the newest of each kind is what counts. */
import type pg from 'pg';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import {
  beginRun,
  endRun,
  type MaintenanceKind,
  type MaintenanceRun,
  newRun,
  readMaintenance,
} from './maintenance.ts';
import { openPool } from './pool.ts';
import { RunHold } from './run-hold.ts';

let pool: pg.Pool;
let url: string;
beforeEach(async () => {
  url = await freshSchema();
  pool = openPool(url, { connectionsMax: 2 });
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

interface Held {
  readonly run: MaintenanceRun;
  readonly hold: RunHold;
}

/** A run as a tool begins it. */
async function begin(kind: MaintenanceKind): Promise<Held> {
  const run = newRun(kind);
  const hold = new RunHold(url, run.id);
  await hold.take();
  onTestFinished(() => hold.release());
  await beginRun(pool, run);
  return { run, hold };
}

async function end({ run, hold }: Held, outcome: 'good' | 'failed'): Promise<void> {
  await endRun(pool, run, outcome, {});
  await hold.release();
}

/** The server processes that hold a run of this test's. */
async function holders(run: MaintenanceRun): Promise<readonly number[]> {
  const { rows } = await pool.query<{ pid: number }>(
    `select pid from pg_locks where locktype = 'advisory'
       and (classid::bigint << 32 | objid::bigint) = hashtextextended('itirp run ' || $1, 0)`,
    [run.id],
  );
  return rows.map(({ pid }) => pid);
}

test('a run beside another of its kind changes nothing before either ends', async () => {
  await run('verify', true);
  const nightly = await begin('verify');
  const byHand = await begin('verify');
  expect(await kindsSeen()).toMatchObject([{ kind: 'verify', isGood: true }]);
  await end(byHand, 'good');
  expect(await kindsSeen()).toMatchObject([{ isGood: true }]);
  await end(nightly, 'failed'); // and both are counted as they end, whoever began first
  expect(await kindsSeen()).toMatchObject([{ isGood: false }]);
});

test('a run that nobody holds counts as failed at once, with no other after it', async () => {
  await run('drill', true);
  const killed = await begin('drill');
  expect(await kindsSeen()).toMatchObject([{ kind: 'drill', isGood: true }]);
  await killed.hold.release();
  expect(await kindsSeen()).toMatchObject([{ kind: 'drill', isGood: false }]);
  await end(await begin('drill'), 'good');
  expect(await kindsSeen()).toMatchObject([{ kind: 'drill', isGood: true }]);
});

test('a run that takes days is under way for as long as it is held', async () => {
  const long = newRun('drill');
  const hold = new RunHold(url, long.id);
  await hold.take();
  await pool.query(
    `insert into maintenance_runs (id, kind, outcome, at)
     values ($1, 'drill', 'begun', now() - interval '3 days')`,
    [long.id],
  );
  expect(await kindsSeen()).toEqual([]);
  await hold.release();
  expect(await kindsSeen()).toMatchObject([{ kind: 'drill', isGood: false, lastGoodAtSeconds: undefined }]);
});

test('a hold whose connection breaks is taken anew, unless it was given back', async () => {
  const { run: one, hold } = await begin('drill');
  const [first] = await holders(one);
  await pool.query('select pg_terminate_backend($1, 5000)', [first]);
  await expect.poll(() => holders(one), { timeout: 20_000 }).toEqual([expect.any(Number)]);
  expect(await holders(one)).not.toEqual([first]);
  expect(await kindsSeen()).toEqual([]);
  await hold.release();
  await expect.poll(() => holders(one)).toEqual([]);
});

test('a hold that is given back while it is taken holds nothing', async () => {
  const one = newRun('drill');
  const hold = new RunHold(url, one.id);
  const taking = hold.take();
  await hold.release();
  await taking;
  await expect.poll(() => holders(one)).toEqual([]);
});

test('a run that ends between the look at the rows and the look at the locks is not taken for lost', async () => {
  await run('verify', true);
  const ending = await begin('verify');
  let statements = 0;
  const query = async (sql: string, values?: unknown[]): Promise<unknown> => {
    statements += 1;
    if (statements > 1) return await pool.query(sql, values);
    await ending.hold.release(); // as the first statement sees it: not ended, and not held
    const seen = await pool.query(sql, values);
    await endRun(pool, ending.run, 'good', {});
    return seen;
  };
  const { kinds } = await readMaintenance({ query } as unknown as pg.Pool);
  expect(kinds).toMatchObject([{ kind: 'verify', isGood: true }]);
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
