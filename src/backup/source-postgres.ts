/** A dump of PostgreSQL: one read-only transaction that sees one moment, read by COPY while the writers go on. */
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { asFault } from '../database/outage.ts';
import { copiedRows, type RawRow } from '../journal/copied-rows.ts';
import type { Column, KeptSnapshot, PartLabel, Preface, ShardHead } from './archive.ts';
import { FORMAT } from './archive.ts';
import type { Dump, DumpedPart } from './archive-writer.ts';
import { columnsOf, keptTablesIn, migrationsIn } from './catalogue-postgres.ts';
import { ChainWatch, headOf } from './journal-rows.ts';
import type { BackupSource } from './source.ts';
import { JOURNAL, SNAPSHOT_PIECES, SNAPSHOTS } from './tables.ts';

/** The newest snapshot of each shard; older ones would prove nothing more. */
const NEWEST = '(shard, position) in (select shard, max(position) from snapshots group by shard)';

interface Moment {
  readonly taken_at: string;
  readonly version: string;
  readonly system_identifier: string;
  readonly lsn: string;
}

export class PostgresBackupSource implements BackupSource {
  readonly #pool: pg.Pool;
  readonly #program: string;

  /** `pool`: without a statement timeout. `program`: the version of this program. */
  constructor(pool: pg.Pool, program: string) {
    this.#pool = pool;
    this.#program = program;
  }

  async dumping<Result>(work: (dump: Dump) => Promise<Result>): Promise<Result> {
    let client: pg.PoolClient | undefined;
    try {
      client = await this.#pool.connect();
      await client.query('begin isolation level repeatable read read only');
      await client.query('set local idle_in_transaction_session_timeout = 0; set local lock_timeout = 0');
      const preface = await prefaceOf(client, this.#program);
      return await work({ preface, parts: partsOf(client, preface.heads) });
    } catch (error) {
      throw asFault(error);
    } finally {
      client?.release(true); // in the middle of a transaction, or of a COPY
    }
  }
}

async function prefaceOf(client: pg.ClientBase, program: string): Promise<Preface> {
  const moment = await client.query<Moment>(`
    select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as taken_at,
      current_setting('server_version') as version,
      (select system_identifier::text from pg_control_system()) as system_identifier,
      (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end)::text as lsn`);
  const [row] = moment.rows;
  return {
    format: FORMAT,
    program,
    takenAt: row?.taken_at ?? '',
    database: {
      version: row?.version ?? '',
      systemIdentifier: row?.system_identifier ?? '',
      lsn: row?.lsn ?? '',
    },
    migrations: await migrationsIn(client),
    heads: await headsIn(client),
    snapshots: await snapshotsIn(client),
  };
}

async function headsIn(client: pg.ClientBase): Promise<ShardHead[]> {
  const { rows } = await client.query<{
    shard: string;
    position: bigint;
    hash: string | null;
    epoch: bigint;
    at: bigint | null;
  }>(`
    select shard, head_position as position, encode(head_hash, 'hex') as hash, epoch, (
        select recorded_at from journal where journal.shard = shards.shard order by first_position desc limit 1
      ) as at
    from shards order by shard`);
  return rows.map(({ shard, position, hash, epoch, at }) => ({
    shard,
    position: Number(position),
    hash,
    epoch: Number(epoch),
    recordedAt: at === null ? null : Number(at),
  }));
}

async function snapshotsIn(client: pg.ClientBase): Promise<KeptSnapshot[]> {
  const { rows } = await client.query<{ shard: string; position: bigint; head: string; state: string }>(`
    select shard, position, encode(head_hash, 'hex') as head, encode(state_hash, 'hex') as state
    from snapshots where ${NEWEST} order by shard`);
  return rows.map(({ shard, position, head, state }) => ({
    shard,
    position: Number(position),
    headHash: head,
    stateHash: state,
  }));
}

async function* partsOf(client: pg.ClientBase, heads: readonly ShardHead[]): AsyncGenerator<DumpedPart> {
  for (const table of await keptTablesIn(client)) {
    const columns = await columnsOf(client, table);
    if (table !== JOURNAL) yield partOf(client, { table, shard: null, columns });
    else for (const head of heads) yield journalOf(client, columns, head);
  }
}

function partOf(client: pg.ClientBase, label: PartLabel): DumpedPart {
  const isOfSnapshots = label.table === SNAPSHOTS || label.table === SNAPSHOT_PIECES;
  const order = label.table === SNAPSHOT_PIECES ? 'order by shard, position, piece' : '';
  return { label, rows: rowsOf(client, label, `${isOfSnapshots ? `where ${NEWEST}` : ''} ${order}`) };
}

function journalOf(client: pg.ClientBase, columns: readonly Column[], head: ShardHead): DumpedPart {
  const label = { table: JOURNAL, shard: head.shard, columns };
  const which = `where shard = ${client.escapeLiteral(head.shard)} order by first_position`;
  return { label, rows: watched(rowsOf(client, label, which), label, head) };
}

async function* rowsOf(client: pg.ClientBase, label: PartLabel, which: string): AsyncGenerator<RawRow> {
  const names = label.columns.map(({ name }) => client.escapeIdentifier(name)).join(', ');
  const table = client.escapeIdentifier(label.table);
  const query = `copy (select ${names} from ${table} ${which}) to stdout with (format binary)`;
  yield* copiedRows(client.query(copyTo(query)));
}

async function* watched(
  rows: AsyncIterable<RawRow>,
  { columns }: PartLabel,
  head: ShardHead,
): AsyncGenerator<RawRow> {
  const chain = new ChainWatch(head.shard, columns);
  for await (const row of rows) {
    chain.take(row);
    yield row;
  }
  chain.end(headOf(head));
}
