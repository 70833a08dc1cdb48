/** The sequencer on real PostgreSQL: connections cut under load, two writers on one shard, snapshots by another thread. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import type { Event } from '../core/events.ts';
import { order, place } from '../core/testing/story.ts';
import { notional } from '../core/values/fixed-point.ts';
import type { OrderId } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import { Fault } from '../faults/fault.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { PostgresSnapshots } from '../journal/snapshots-postgres.ts';
import { SystemClock } from './clock.ts';
import { Snapshotter } from './snapshotter.ts';
import {
  by,
  entriesOf,
  expectAnnouncedAsWritten,
  liveHash,
  OPENING,
  outcome,
  reaches,
  replayHash,
  type Stage,
  settled,
  stage,
} from './stage.fixture.ts';

const APPLICATION = `sequencer-test-${randomUUID().slice(0, 8)}`;
const UNLIMITED = notional('80000000000');

let url: string;
let pool: pg.Pool;
let admin: pg.Client;
const journals: PostgresJournal[] = [];

beforeAll(async () => {
  url = await freshSchema();
  pool = openPool(url);
  admin = new pg.Client({ connectionString: url });
  await admin.connect();
});
afterAll(async () => {
  await Promise.all(journals.map((journal) => journal.close()));
  await pool.end();
  await admin.end();
});

/** Its connections carry a name of their own, so that this file cuts no other's. */
function journalOf(shard: string): PostgresJournal {
  const named = `${url}&application_name=${APPLICATION}`;
  const journal = new PostgresJournal({ url: named, pool: () => pool }, shard);
  journals.push(journal);
  return journal;
}

async function cutWriters(): Promise<number> {
  const cut = 'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1';
  return (await admin.query(cut, [APPLICATION])).rowCount ?? 0;
}

async function opened(shard: string, snapshots?: PostgresSnapshots): Promise<Stage> {
  const it = stage({ shard, clock: new SystemClock(), snapshots }, journalOf(shard));
  await it.sequencer.start();
  for (const command of OPENING) await it.sequencer.submit(command, by);
  const limits = {
    positionMax: UNLIMITED,
    dailyVolumeMax: UNLIMITED,
    netExposureMax: UNLIMITED,
    grossExposureMax: UNLIMITED,
  };
  await it.sequencer.submit({ type: 'SetLimits', limits }, by);
  return it;
}

/** Places `name` and asks again, under the same client order id, until the answer is known. How often it was asked. */
async function placeForSure({ sequencer }: Stage, name: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      const command = place(order(`${name}.${attempt}`, { quantity: '1', price: '10', clientOrderId: name }));
      await sequencer.submit(command, by);
      return attempt;
    } catch (error) {
      if (!(error instanceof Fault && error.mayRetry)) throw error;
      await reaches(sequencer, 'running');
    }
  }
}

test('connections cut under load, again and again: nothing acknowledged is lost, nothing is doubled', async () => {
  const it = await opened(randomUUID());
  const callers = 64;
  const rounds = 60;
  let cuts = 0;
  let attempts = 0;
  let isOver = false;
  const cutting = (async () => {
    while (!isOver) {
      const goal = it.sequencer.position + 200;
      while (!isOver && it.sequencer.position < goal) await settled();
      if (!isOver) cuts += await cutWriters();
    }
  })();
  const caller = async (c: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      const asked = await placeForSure(it, `c${c}r${round}`);
      attempts += asked;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, c) => caller(c)));
  isOver = true;
  await cutting;

  expect(cuts).toBeGreaterThan(3);
  expect(attempts).toBeGreaterThan(callers * rounds);
  const events = (await entriesOf(it.journal)).flatMap((entry) => entry.events);
  const accepted = events.flatMap((event: Event) =>
    event.type === 'OrderAccepted' ? [event.order.clientOrderId] : [],
  );
  expect(accepted.length).toBe(callers * rounds);
  expect(new Set(accepted).size).toBe(callers * rounds);
  await expectAnnouncedAsWritten(it);
  expect(await liveHash(it.sequencer)).toBe(await replayHash(it.journal));
  expect(it.fatal).toEqual([]);
  await it.sequencer.stop();
});

test('two sequencers on one shard: the older one is refused in mid-flight and stops, the younger works on', async () => {
  const shard = randomUUID();
  const older = await opened(shard);
  const acknowledged: OrderId[] = [];
  const load = (async () => {
    for (let n = 0; older.sequencer.status === 'running'; n++) {
      const placed = order(`n${n}`, { quantity: '1', price: '10' });
      const word = await outcome(older.sequencer.submit(place(placed), by));
      if (word === 'committed') acknowledged.push(placed.orderId);
    }
  })();
  while (acknowledged.length < 20) await settled();
  const younger = stage({ shard, clock: new SystemClock() }, journalOf(shard));
  await younger.sequencer.start();
  await load;
  expect(older.sequencer.status).toBe('stopped');
  expect(older.fatal).toMatchObject([{ code: 'JOURNAL_CONFLICT' }]);

  const working = await younger.sequencer.read((state) => acknowledged.filter((id) => state.orders.has(id)));
  expect(working).toEqual(acknowledged);
  expect(await outcome(younger.sequencer.submit({ type: 'EngageKillSwitch' }, by))).toBe('committed');
  await younger.sequencer.stop();
});

test('a snapshot is made by another thread while the writer works on, and the next start begins with it', async () => {
  const shard = randomUUID();
  const snapshots = new PostgresSnapshots(pool, shard);
  const first = await opened(shard, snapshots);
  const warnings: unknown[] = [];
  const snapshotter = new Snapshotter(first.sequencer, first.sequencer.snapshotPosition, {
    every: 100,
    worker: new URL('../main/snapshot-entry.ts', import.meta.url),
    workerData: { url, shard },
    onWarning: (...warning) => warnings.push(warning),
  });
  snapshotter.start();
  let n = 0;
  let taken = await snapshots.latest();
  for (; taken === undefined && warnings.length === 0; n++) {
    await placeForSure(first, `s${n}`);
    if (n > 50) taken = await snapshots.latest();
  }
  expect(warnings).toEqual([]);
  await placeForSure(first, 'after');
  const hash = await liveHash(first.sequencer);
  await snapshotter.stop();
  await first.sequencer.stop({ snapshot: false });

  const second = stage({ shard, clock: new SystemClock(), snapshots }, journalOf(shard));
  await second.sequencer.start();
  expect(second.sequencer.snapshotPosition).toBe((await snapshots.latest())?.position);
  expect(second.sequencer.snapshotPosition).toBeGreaterThan(99);
  expect(await liveHash(second.sequencer)).toBe(hash);
  expect(await replayHash(second.journal)).toBe(hash);

  await placeForSure(second, 'another');
  const last = await liveHash(second.sequencer);
  await second.sequencer.stop({ snapshot: true });
  const kept = await snapshots.latest();
  expect([kept?.position, kept?.stateHash.toString('hex')]).toEqual([second.sequencer.position, last]);
});
