/** Backups of real PostgreSQL while orders flow: what is restored is what was there at one moment, to the last fact. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startS3, type TestS3 } from '../../test/s3.ts';
import { emptySchema, freshSchema, schemaOf } from '../../test/schema.ts';
import type { Position } from '../core/values/names.ts';
import { beginRun, endRun, newRun } from '../database/maintenance.ts';
import { openPool } from '../database/pool.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { PostgresSnapshots } from '../journal/snapshots-postgres.ts';
import { prove } from '../sequencer/proof.ts';
import { type Listed, listBackups, newestBackup, takeBackup } from './backups.ts';
import { columnsOf, keptTablesIn, tablesIn } from './catalogue-postgres.ts';
import { inspect } from './inspection.ts';
import type { Secret } from './keys.ts';
import { PostgresBackupSource } from './source-postgres.ts';
import { isKept } from './tables.ts';
import { PostgresRestoreTarget } from './target-postgres.ts';
import { SHARDS, stateHashAt, TradingHouse } from './trading-house.fixture.ts';
import type { Vault } from './vault.ts';
import { FolderVault } from './vault-folder.ts';
import { S3Vault } from './vault-s3.ts';

const secret: Secret = { kind: 'key', bytes: randomBytes(32) };
let house: TradingHouse;
let source: PostgresBackupSource;
let folder: string;
let s3: TestS3;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-backups-'));
  s3 = await startS3();
  house = await TradingHouse.open(await freshSchema());
  source = new PostgresBackupSource(house.pool, '0.1.0');
  await house.place(50);
  await house.keepSnapshots();
}, 120_000);
afterAll(async () => {
  await house.close();
  await s3.stop();
  await rm(folder, { recursive: true });
});

const take = (vault: Vault, more: { keepDays?: number; now?: () => Date; key?: Secret | undefined } = {}) =>
  takeBackup({ vault, source, deployment: 'test', secret: 'key' in more ? more.key : secret, ...more });

/** Restores into a schema of its own. */
async function restored(
  vault: Vault,
  { name }: Pick<Listed, 'name'>,
  key?: { readonly secret: Secret | undefined },
) {
  const url = await emptySchema();
  const target = new PostgresRestoreTarget({ url: inject('postgresUrl'), schema: schemaOf(url) });
  const inspection = await inspect(vault.read(name), { secret, target, ...key });
  return { url, inspection };
}

test.each([
  ['a folder, enciphered', () => new FolderVault(join(folder, 'one')), secret],
  ['a folder, in the clear', () => new FolderVault(join(folder, 'two')), undefined],
  ['S3', () => new S3Vault({ ...s3.access, bucket: s3.bucket, prefix: 'one/', partBytes: 5 << 20 }), secret],
])(
  'taken while orders flow and restored from %s, it is a moment of the source',
  async (_where, place, key) => {
    const vault = place();
    const before = await house.journal('west').head();
    house.trade();
    const taken = await take(vault, { key });
    const after = await house.journal('west').head();
    await house.rest();
    const [{ name } = { name: '' }] = await listBackups(vault);
    expect(name).toBe(taken.name);
    const { url, inspection } = await restored(vault, taken, { secret: key });
    expect(inspection.manifest).toEqual(taken.manifest);
    expect(inspection.provenSnapshots).toBe(SHARDS.length);

    const pool = openPool(url);
    for (const { shard, head, stateHash } of inspection.shards) {
      expect(stateHash.toString('hex')).toBe(await stateHashAt(house.journal(shard), head.position));
      const journal = new PostgresJournal({ url, pool: () => pool }, shard);
      const proof = await prove(journal, new PostgresSnapshots(pool, shard));
      expect(proof).toMatchObject({
        journal: { isSound: true, head },
        provenSnapshots: 1,
        wrongSnapshots: [],
      });
    }
    const west = inspection.shards.find(({ shard }) => shard === 'west')?.head.position ?? 0;
    expect(west).toBeGreaterThanOrEqual(before.position);
    expect(west).toBeLessThanOrEqual(after.position);
    expect(after.position).toBeGreaterThan(before.position); // orders did flow
    await pool.end();
  },
);

test('what is restored goes on: users, their history, and a writer that claims and appends', async () => {
  const vault = new FolderVault(join(folder, 'go-on'));
  const { url } = await restored(vault, await take(vault));
  const pool = openPool(url);
  const { rows: users } = await pool.query('select username, role from users order by username');
  expect(users).toEqual([
    { username: 'alice', role: 'TRADER' },
    { username: 'bob', role: 'ADMIN' },
  ]);
  await pool.query(`insert into user_changes (username, what, changed_by) values ('bob', 'added', 'bob')`);
  const { rows: changes } = await pool.query('select change_id from user_changes order by change_id');
  expect(changes).toEqual([{ change_id: 1n }, { change_id: 2n }]);
  const journal = new PostgresJournal({ url, pool: () => pool }, 'east');
  const { epoch, head } = await journal.claim();
  expect(epoch).toBeGreaterThan(1);
  expect(head.position).toBeGreaterThan(0);
  await journal.close();
  await pool.end();
});

test('a database with anything in it is left alone', async () => {
  const vault = new FolderVault(join(folder, 'refused'));
  const taken = await take(vault);
  const url = await freshSchema();
  const pool = openPool(url);
  await pool.query(`insert into users (username, password_hash, role) values ('eve', 'h', 'TRADER')`);
  const target = new PostgresRestoreTarget({ url: inject('postgresUrl'), schema: schemaOf(url) });
  const restoring = inspect(vault.read(taken.name), { secret, target });
  await expect(restoring).rejects.toThrow(/an empty database only, and here its table users has rows/);
  const { rows } = await pool.query('select username from users');
  expect(rows).toEqual([{ username: 'eve' }]);
  await pool.end();
});

test('what tools wrote of themselves while a database stood empty is no reason to refuse it', async () => {
  const vault = new FolderVault(join(folder, 'looked-after'));
  const taken = await take(vault);
  const url = await freshSchema();
  const pool = openPool(url);
  const run = newRun('backup');
  await beginRun(pool, run);
  await endRun(pool, run, 'failed', {});
  const target = new PostgresRestoreTarget({ url: inject('postgresUrl'), schema: schemaOf(url) });
  await inspect(vault.read(taken.name), { secret, target });
  const { rows } = await pool.query('select kind, outcome from maintenance_runs order by outcome');
  expect(rows).toEqual([
    { kind: 'backup', outcome: 'begun' },
    { kind: 'backup', outcome: 'failed' },
  ]);
  await pool.end();
});

test('a database without a fact is not kept over a backup that has some; of a new deployment it is', async () => {
  const vault = new FolderVault(join(folder, 'emptied'));
  const pool = openPool(await freshSchema()); // the wrong database, or one that was just made
  const takeEmpty = (deployment = 'test') =>
    takeBackup({ vault, source: new PostgresBackupSource(pool, '0.1.0'), deployment, secret });
  await takeEmpty();
  await takeEmpty(); // nothing was lost: there was nothing
  const { name } = await take(vault);
  await expect(takeEmpty()).rejects.toMatchObject({
    code: 'BACKUP_INVALID',
    detail: expect.stringContaining(`${name} does`),
  });
  expect((await newestBackup(vault, 'test')).name).toBe(name);
  await takeEmpty('another');
  await pool.end();
});

test('a backup that is damaged leaves the database empty, so that the one before it can follow', async () => {
  const place = join(folder, 'damaged');
  const vault = new FolderVault(place);
  await house.pool.query(`
    insert into revoked_tokens (token_id, username, why, expires_at)
    select encode(sha256(n::text::bytea), 'hex') || encode(sha256((-n)::text::bytea), 'hex'), 'alice', 'logout', now()
    from generate_series(1, 40000) n`); // more than is read ahead
  const { name } = await take(vault);
  const file = await readFile(join(place, name));
  file.writeUInt8((file.at(-1) ?? 0) ^ 1, file.length - 1); // at its very end: all rows have gone in by then
  await writeFile(join(place, name), file);
  const url = await emptySchema();
  const target = new PostgresRestoreTarget({ url: inject('postgresUrl'), schema: schemaOf(url) });
  await expect(inspect(vault.read(name), { secret, target })).rejects.toMatchObject({
    code: 'BACKUP_INVALID',
  });
  const pool = openPool(url);
  const { rows } = await pool.query(
    'select (select count(*) from journal) + (select count(*) from revoked_tokens) as n',
  );
  expect(rows).toEqual([{ n: 0n }]);
  await pool.end();
  const good = await take(vault);
  const again = new PostgresRestoreTarget({ url: inject('postgresUrl'), schema: schemaOf(url) });
  const neighbour = openPool(await freshSchema());
  await expect(inspect(vault.read(good.name), { secret, target: again })).resolves.toBeDefined();
  const analyzed = `select count(*)::int as n from pg_stat_user_tables where schemaname = $1 and last_analyze is not null`;
  const count = async (of: string) => (await neighbour.query(analyzed, [of])).rows[0].n;
  expect(await count(schemaOf(url))).toBeGreaterThan(5); // so that the first queries are planned well
  const { rows: mine } = await neighbour.query('select current_schema() as schema');
  expect(await count(mine[0].schema)).toBe(0); // a drill shares the live database
  await neighbour.end();
});

test('a journal that was changed in the database is not kept, and the good backups before it stay', async () => {
  const url = await freshSchema();
  const other = await TradingHouse.open(url);
  await other.place(3);
  const vault = new FolderVault(join(folder, 'broken'));
  const old = () => new Date('2020-01-01T00:00:00Z');
  const fromOther = new PostgresBackupSource(other.pool, '0.1.0');
  const options = { vault, source: fromOther, deployment: 'test', secret: undefined };
  await takeBackup({ ...options, now: old });
  await other.pool.query('alter table journal disable trigger all');
  await other.pool.query(
    `update journal set body = set_byte(body, 9, 255) where shard = 'west' and first_position = 3`,
  );
  await expect(takeBackup({ ...options, keepDays: 1 })).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  expect(await listBackups(vault)).toHaveLength(1);
  expect(await readdir(join(folder, 'broken'))).toHaveLength(1);
  await other.close();
});

test('old backups go when a new one is good; the newest never goes, whatever its age', async () => {
  const vault = new FolderVault(join(folder, 'old'));
  const at = (day: number) => () => new Date(Date.UTC(2026, 0, day));
  for (const day of [1, 2, 3]) await take(vault, { now: at(day) });
  await writeFile(join(folder, 'old', 'notes.txt'), 'not ours');
  const { removed, name } = await take(vault, { now: at(5), keepDays: 2 });
  expect(removed.length).toBe(2);
  expect((await listBackups(vault)).map((listed) => new Date(listed.at).getUTCDate())).toEqual([5, 3]);
  expect((await newestBackup(vault, 'test')).name).toBe(name);
  expect(await readdir(join(folder, 'old'))).toContain('notes.txt');
  await take(vault, { now: at(4), keepDays: 0 });
  expect((await listBackups(vault)).map((listed) => new Date(listed.at).getUTCDate())).toEqual([5, 4]);
});

test('a backup lets none of another deployment go, and none is taken for its newest', async () => {
  const vault = new FolderVault(join(folder, 'shared'));
  const at = (day: number) => () => new Date(Date.UTC(2026, 0, day));
  const ours = await take(vault, { now: at(1) });
  const options = { vault, source, deployment: 'other', secret, keepDays: 1 };
  const { removed } = await takeBackup({ ...options, now: at(5) });
  expect(removed).toEqual([]); // the only good one of ours
  expect((await newestBackup(vault, 'test')).name).toBe(ours.name);
  await expect(newestBackup(vault, 'third')).rejects.toThrow(/no backup of third in .*, but of other, test/);
  const next = await takeBackup({ ...options, now: at(9) });
  expect(next.removed).toHaveLength(1);
});

test('a backup without any fact is not good enough to let an older one go', async () => {
  const vault = new FolderVault(join(folder, 'nothing'));
  const pool = openPool(await freshSchema());
  const options = { vault, source: new PostgresBackupSource(pool, '0.1.0'), deployment: 'test', secret };
  await takeBackup({ ...options, now: () => new Date(Date.UTC(2026, 0, 1)) });
  expect((await takeBackup({ ...options, keepDays: 1 })).removed).toEqual([]);
  expect(await listBackups(vault)).toHaveLength(2);
  await pool.end();
});

test('every table is kept, or known to be made anew from the journal', async () => {
  const client = await house.pool.connect();
  const tables = await tablesIn(client);
  expect(await keptTablesIn(client)).toEqual(expect.arrayContaining(tables.filter(isKept)));
  const known = new Set([
    'deployment',
    'journal',
    'left_buses',
    'maintenance_runs',
    'publisher_positions',
    'revoked_tokens',
    'shard_assignments',
    'shard_listings',
    'shards',
    'snapshot_pieces',
    'snapshots',
    'user_changes',
    'users',
  ]);
  // A new table fails here: say in tables.ts that it is derived, or let it stand in this list.
  expect(tables.filter((table) => isKept(table) && !known.has(table))).toEqual([]);
  const columns = (await columnsOf(client, 'journal')).map(({ name }) => name);
  expect(columns).toEqual(expect.arrayContaining(['body', 'hash', 'source_offset']));
  expect(columns).not.toContain('last_position'); // reckoned by the database itself
  client.release();
});

test('the state is that of the backup, not that of a later moment', async () => {
  const vault = new FolderVault(join(folder, 'moment'));
  const taken = await take(vault);
  await house.place(5);
  const { inspection } = await restored(vault, taken);
  const east = inspection.shards.find(({ shard }) => shard === 'east');
  const head = await house.journal('east').head();
  expect(east?.head.position).toBeLessThan(head.position);
  expect(east?.stateHash.toString('hex')).not.toBe(
    await stateHashAt(house.journal('east'), head.position as Position),
  );
});
