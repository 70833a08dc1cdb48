/** After an outage another database answers, or an older state of ours: nobody goes on as if nothing had happened. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makePrimary, startServer } from '../../stack/postgres-standby.ts';
import { Pair } from '../../test/standby.ts';
import type { Micros } from '../core/values/names.ts';
import type { Fault } from '../faults/fault.ts';
import { headAfter, sealAfter } from '../journal/chain.ts';
import type { Head } from '../journal/journal.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { findBinaries } from './binaries.ts';
import { openDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { freePort } from './ports.ts';

test('another cluster at the same address: the server is told to stop', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-replaced-'));
  onTestFinished(() => rm(folder, { recursive: true })); // after the servers below: last in, first out
  const binaries = await findBinaries();
  const [user, password, port] = ['u', 'p', await freePort()];
  const start = async (name: string) => {
    const data = join(folder, name);
    await makePrimary({ binaries, folder: data, user, password });
    const server = await startServer({
      binaries,
      folder: data,
      port,
      logFile: `${data}.log`,
      user,
      password,
    });
    onTestFinished(() => server.kill());
    return server;
  };
  const first = await start('first');
  const { promise, resolve } = Promise.withResolvers<Fault>();
  const database = await openDatabase({
    dataDir: 'unused',
    url: first.url,
    exclusive: false,
    shares: true,
    onDisplaced: resolve,
  });
  await first.kill();
  await expect.poll(() => database.trouble?.code).toBe('DATABASE_UNAVAILABLE');
  await start('second');
  expect(await promise).toMatchObject({
    code: 'DATABASE_REPLACED',
    detail: expect.stringContaining('it was'),
  });
  await database.close();
});

test('a standby that had not heard of a committed row is not written to: the journal says JOURNAL_BEHIND', async () => {
  const pair = await Pair.start(); // asynchronous: the standby may miss what was confirmed
  onTestFinished(() => pair.end());
  const database = await openDatabase({
    dataDir: 'unused',
    url: pair.bothUrl,
    exclusive: false,
    shares: true,
  });
  await migrate(database.url);
  const journal = new PostgresJournal(database, 'main');
  const { epoch, head } = await journal.claim();
  const content = { shard: 'main', count: 1, epoch, recordedAt: 1 as Micros, source: undefined };
  const rowAfter = (end: Head) => sealAfter(end, { ...content, body: Buffer.from(`${end.position}`) });
  const one = rowAfter(head);
  await journal.append(one);
  const caughtUp = database.pool();
  const lag = 'select pg_current_wal_lsn() = replay_lsn as same from pg_stat_replication';
  await expect.poll(async () => (await caughtUp.query(lag)).rows).toEqual([{ same: true }]);

  await pair.kill(1);
  await journal.append(rowAfter(headAfter(one))); // confirmed, and only here
  await pair.kill(0);
  await pair.run(1);
  await pair.promote(1);
  const outcome = async (): Promise<unknown> => journal.claim().catch((error: unknown) => error);
  await expect.poll(outcome, { timeout: 20_000 }).toMatchObject({
    code: 'JOURNAL_BEHIND',
    detail: expect.stringContaining('main ends at 1, and 2 was seen'),
  });
  const { rows } = await caughtUp.query<{ epoch: bigint }>('select epoch from shards');
  expect(rows).toEqual([{ epoch: BigInt(epoch) }]); // nothing was claimed
  await journal.close();
  await database.close();
});
