/** The journal through outages: what was acknowledged is there, once, and what was in doubt is found out by a claim. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import type { Micros } from '../core/values/names.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrations.ts';
import { openPool } from '../database/pool.ts';
import { findPostmaster, stopPostmaster } from '../database/postmaster.ts';
import { Fault } from '../faults/fault.ts';
import { headAfter, sealAfter } from './chain.ts';
import { encodeEntries } from './codec.ts';
import { aBatch, anEntry, rowsOf } from './journal.contract.ts';
import type { Claim, Head } from './journal.ts';
import { PostgresJournal } from './postgres.ts';
import { verify } from './verifier.ts';

const run = promisify(execFile);
/** Pid 0 would be ourselves: a signal needs somebody to go to. */
function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined || pid <= 0) throw new Error('nobody to send a signal to');
  process.kill(pid, name);
}
const UNAVAILABLE = { code: 'JOURNAL_UNAVAILABLE' };

test('an append that nobody heard of again is found by the next claim, and is not done twice', async () => {
  const url = await freshSchema();
  const pool = openPool(url);
  const shard = randomUUID();
  const journal = new PostgresJournal({ url, pool: () => pool }, shard, { answerMsMax: 500 });
  const { epoch, head } = await journal.claim();

  const blocker = new pg.Client({ connectionString: url });
  await blocker.connect();
  await blocker.query('begin');
  await blocker.query('select from shards where shard = $1 for update', [shard]);
  const inDoubt = aBatch(shard, epoch, head, 'in doubt');
  await expect(journal.append(inDoubt)).rejects.toMatchObject(UNAVAILABLE);
  await blocker.query('rollback'); // now the server goes on with it, though the client has left

  const claim = await journal.claim();
  const rows = await rowsOf(journal);
  expect(claim.head).toEqual(rows.length === 1 ? headAfter(inDoubt) : head);
  await journal.append(aBatch(shard, claim.epoch, claim.head, 'next'));
  expect(await verify(journal)).toMatchObject({ isSound: true, batches: rows.length + 1 });
  await blocker.end();
  await journal.close();
  await pool.end();
});

test('a server that stands still makes the journal unavailable, not the process wait for ever', async () => {
  const url = await freshSchema();
  const pool = openPool(url);
  const shard = randomUUID();
  const journal = new PostgresJournal({ url, pool: () => pool }, shard, { answerMsMax: 500 });
  const { epoch, head } = await journal.claim();
  const { rows } = await pool.query<{ pid: number }>(
    "select pid from pg_stat_activity where application_name = 'itirp journal writer' order by backend_start desc limit 1",
  );
  const pid = rows[0]?.pid;
  signal(pid, 'SIGSTOP');
  try {
    await expect(journal.append(aBatch(shard, epoch, head))).rejects.toMatchObject(UNAVAILABLE);
  } finally {
    signal(pid, 'SIGCONT');
  }
  const claim = await journal.claim();
  await journal.append(aBatch(shard, claim.epoch, claim.head));
  expect(await verify(journal)).toMatchObject({ isSound: true });
  await journal.close();
  await pool.end();
});

/** A file system of its own, just large enough for a server: only root may make one, and not in every container. */
async function mountSmall(folder: string): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=0755', 'itirp', folder]);
}
async function canMount(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-mount-'));
  const can = await mountSmall(folder)
    .then(() => run('umount', [folder]))
    .then(
      () => true,
      () => false,
    );
  await rm(folder, { recursive: true });
  return can;
}
const mayMount = await canMount();

describe('on a server of its own', () => {
  let dataDir: string;
  let database: Database;
  let journal: PostgresJournal;
  const shard = 'main';
  /** Heads after each acknowledged append, in order. */
  let acknowledged: Head[];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'itirp-chaos-'));
  });
  async function begin(): Promise<void> {
    database = await openDatabase({ dataDir, exclusive: true });
    await migrate(database.url);
    journal = new PostgresJournal(database, shard, { answerMsMax: 2_000 });
    acknowledged = [];
  }
  afterEach(async () => {
    await journal.close();
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Claims as often as it takes. */
  async function claimed(): Promise<Claim> {
    for (;;) {
      try {
        return await journal.claim();
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'JOURNAL_UNAVAILABLE') throw error;
        await sleep(50);
      }
    }
  }

  /** Does `harm` at a random moment after the next few acknowledgements. */
  async function inTheMiddle(harm: () => Promise<void>): Promise<void> {
    const enough = acknowledged.length + 3;
    while (acknowledged.length < enough) await sleep(5);
    await sleep(30 * Math.random());
    await harm();
  }

  /** Waits until there is one. */
  async function killServer(): Promise<void> {
    for (;;) {
      const running = await findPostmaster(join(dataDir, 'postgres'));
      if (running !== undefined) return signal(running.pid, 'SIGKILL');
      await sleep(10);
    }
  }

  /** Appends until `isOver` says so, or until an append fails. */
  async function appendWhile(isGoing: () => boolean, text = 'load'): Promise<unknown> {
    let { epoch, head } = await claimed();
    while (isGoing()) {
      const body = encodeEntries([anEntry(text)]);
      const batch = sealAfter(head, {
        shard,
        count: 2,
        epoch,
        recordedAt: 1_700_000_000_000_000 as Micros,
        body,
      });
      try {
        await journal.append(batch);
      } catch (error) {
        return error;
      }
      head = headAfter(batch);
      acknowledged.push(head);
    }
    return undefined;
  }

  /** Every acknowledged row is in the journal, and the journal is sound. At most one row a failure is there besides. */
  async function nothingIsLost(failures: number): Promise<void> {
    const rows = await rowsOf(journal);
    const hashes = new Set(rows.map(({ hash }) => hash.toString('hex')));
    const lost = acknowledged.filter(({ hash }) => !hashes.has(hash?.toString('hex') ?? ''));
    expect(lost).toEqual([]);
    expect(rows.length - acknowledged.length).toBeLessThanOrEqual(failures);
    expect(await verify(journal)).toMatchObject({ isSound: true, batches: rows.length });
  }

  test('killed ten times under load, it keeps every row that was acknowledged', async () => {
    await begin();
    const kills = 10;
    for (let i = 0; i < kills; i += 1) {
      const killing = inTheMiddle(killServer);
      expect(await appendWhile(() => true)).toMatchObject(UNAVAILABLE);
      await killing;
    }
    let more = 10;
    await appendWhile(() => more-- > 0);
    expect(acknowledged.length).toBeGreaterThan(10);
    await nothingIsLost(kills);
  });

  test('stopped in the middle of work, it is unavailable, and goes on when it is back', async () => {
    await begin();
    const folder = join(dataDir, 'postgres');
    const stopping = inTheMiddle(async () => {
      const running = await findPostmaster(folder);
      if (running) await stopPostmaster(running, 10_000);
    });
    expect(await appendWhile(() => true)).toMatchObject(UNAVAILABLE);
    await stopping;
    let more = 10;
    expect(await appendWhile(() => more-- > 0)).toBeUndefined();
    await nothingIsLost(1);
  });

  test.runIf(mayMount)('on a full disk it refuses, and goes on as soon as there is room', async () => {
    await mountSmall(dataDir);
    try {
      await begin();
      await appendWhile(() => acknowledged.length < 10);
      const ballast = await open(join(dataDir, 'ballast'), 'w');
      const { bavail, bsize } = await statfs(dataDir);
      await ballast.write(Buffer.alloc(bavail * bsize - 20_000_000));
      await ballast.close();

      const refusal = await appendWhile(() => true, 'x'.repeat(1_000_000));
      expect(refusal).toMatchObject(UNAVAILABLE);
      await rm(join(dataDir, 'ballast'));
      let more = 10;
      expect(await appendWhile(() => more-- > 0)).toBeUndefined();
      await nothingIsLost(1);
    } finally {
      await journal.close();
      await database.close();
      await run('umount', [dataDir]);
    }
  });
});
