/**
 * RPO and RTO on a database of some size: a past in three shards, a backup of it, some orders more, and then `itirp
 * drill` as an operator runs it.
 *
 * Expected: a million facts are 125 MB of rows and 8 MB as a backup. They are restored in about 5 s, proven again in
 * about as long, and the newest snapshots make recovery the least of it: an RTO of some 15 s a million facts.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Database } from '../../src/database/database.ts';
import { PostgresJournal } from '../../src/journal/postgres.ts';
import { PostgresSnapshots } from '../../src/journal/snapshots-postgres.ts';
import { fold } from '../../src/sequencer/fold.ts';
import { snapshotOf } from '../../src/sequencer/snapshots.ts';
import { Author } from '../recovery/history.ts';
import { withDatabase } from '../run/database.ts';
import { type Figure, figureOf } from '../run/figure.ts';
import type { Suite } from '../run/suite.ts';

const LAUNCHER = new URL('../../bin/itirp.js', import.meta.url).pathname;
const SHARDS = ['desk-a', 'desk-b', 'desk-c'];
const INSTRUMENTS = 12;
/** Rows as a busy day writes them. */
const COMMANDS_A_ROW = 200;
/** Of each shard's past, before its newest snapshot. */
const SNAPSHOT_PART = 0.9;
const RTO_SECONDS_MAX = 60;
const ORDERS_A_SHARD = 1e9;

/** Of `itirp drill --json`. */
interface Told {
  readonly good: boolean;
  readonly wrong: string | null;
  readonly rpo: { readonly seconds: number; readonly facts: number };
  readonly rto: Readonly<
    Record<'seconds' | 'restoreSeconds' | 'proveSeconds' | 'recoverSeconds' | 'viewsSeconds', number>
  >;
  readonly shards: readonly { readonly position: number }[];
}

export const drill: Suite = {
  run: async (scale, tell) =>
    await withDatabase(async ({ database, folder }) => {
      const orders = scale.pick(240_000, 3_000);
      tell(`writing a past of ${orders} orders`);
      const desks = await Promise.all(SHARDS.map((shard, i) => Desk.open(database, shard, i)));
      for (const desk of desks) await desk.trade(Math.ceil((orders / desks.length) * SNAPSHOT_PART));
      for (const desk of desks) await desk.keepSnapshot();
      for (const desk of desks) await desk.trade(Math.ceil((orders / desks.length) * (1 - SNAPSHOT_PART)));
      const [to, key] = [join(folder, 'backups'), join(folder, 'backup.key')];
      await writeFile(key, randomBytes(32).toString('hex'));
      const settings = { POSTGRES_URL: database.url, BACKUP_TO: to, BACKUP_KEY_FILE: key };
      tell('taking a backup');
      const began = performance.now();
      const backup = await itirp(['backup'], settings);
      const backupSeconds = (performance.now() - began) / 1000;
      for (const desk of desks) await desk.trade(Math.ceil(orders / 100));
      tell('the drill');
      const told = JSON.parse(lastLine(await itirp(['drill', '--json'], settings))) as Told;
      if (!told.good) throw new Error(`the drill fails: ${told.wrong}`);
      const bytes = (await stat(join(to, /\S+\.itirp-backup/.exec(backup)?.[0] ?? ''))).size;
      for (const desk of desks) await desk.close();
      return figuresOf(told, backupSeconds, bytes);
    }),
};

/** One shard and the hand that writes its past. */
class Desk {
  readonly #database: Database;
  readonly #shard: string;
  readonly #journal: PostgresJournal;
  readonly #author: Author;

  private constructor(database: Database, shard: string, journal: PostgresJournal, author: Author) {
    this.#database = database;
    this.#shard = shard;
    this.#journal = journal;
    this.#author = author;
  }

  static async open(database: Database, shard: string, number: number): Promise<Desk> {
    const journal = new PostgresJournal(database, shard);
    const { epoch } = await journal.claim();
    const [begin, from] = [1_000 * Date.now(), number * ORDERS_A_SHARD];
    return new Desk(
      database,
      shard,
      journal,
      new Author({ shard, epoch, instruments: INSTRUMENTS, begin, from }),
    );
  }

  async trade(orders: number): Promise<void> {
    await this.#author.write(orders, COMMANDS_A_ROW, (row) => this.#journal.append(row));
  }

  async keepSnapshot(): Promise<void> {
    const pool = this.#database.pool({ statementTimeoutMs: 0, connectionsMax: 1 });
    const snapshots = new PostgresSnapshots(pool, this.#shard);
    const { state } = await fold({ journal: this.#journal, snapshots });
    await snapshots.save(snapshotOf(state, await this.#journal.head()));
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

/** What it said, also where it ends with exit code 1: a drill that fails says why. */
async function itirp(args: readonly string[], settings: Readonly<Record<string, string>>): Promise<string> {
  const env = { ...process.env, ...settings };
  const call = promisify(execFile)(process.execPath, [LAUNCHER, ...args], { env });
  const { stdout } = await call.catch((error: Error & { readonly stdout: string }) => {
    if (error.stdout === '') throw error;
    return error;
  });
  return stdout;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

function figuresOf({ rpo, rto, shards }: Told, backupSeconds: number, bytes: number): readonly Figure[] {
  const facts = shards.reduce((sum, { position }) => sum + position, 0);
  const seconds = (name: string, value: number, note = ''): Figure => figureOf(name, 's', [value], { note });
  return [
    figureOf('RTO a million facts: restored, proven again, recovered', 's', [(rto.seconds * 1e6) / facts], {
      target: { atMost: RTO_SECONDS_MAX },
      note: `${facts.toLocaleString('en-US')} facts in ${shards.length} shards`,
    }),
    seconds('… RTO of that', rto.seconds),
    seconds('… restored in', rto.restoreSeconds),
    seconds('… proven again in', rto.proveSeconds),
    seconds('… recovered in', rto.recoverSeconds, 'from snapshots at nine tenths'),
    seconds('… read models, meanwhile', rto.viewsSeconds),
    figureOf('RPO: what came after the backup', 'facts', [rpo.facts]),
    seconds('a backup takes', backupSeconds, `${(bytes / 1e6).toFixed(1)} MB, read back included`),
  ];
}
