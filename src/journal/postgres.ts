/** The journal in PostgreSQL. The database itself checks epoch, position and chain in the statement that appends. */
import { Socket } from 'node:net';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Micros, Position } from '../core/values/names.ts';
import type { Database } from '../database/database.ts';
import { codeOf, messageOf } from '../database/outage.ts';
import { openClient } from '../database/pool.ts';
import { Fault } from '../faults/fault.ts';
import { Claimant } from './claimant.ts';
import { VERSION } from './codec.ts';
import { copiedRows } from './copied-rows.ts';
import type { Claim, Head, Journal, SealedBatch } from './journal.ts';
import { batchOf, type ClaimRow, type HeadRow, headOf, sourceOf } from './rows-postgres.ts';

/** An append or a claim that has no answer after this long is in doubt, in milliseconds. */
const ANSWER_MS_MAX = 10_000;
const CONNECT_MS_MAX = 5_000;

/**
 * Raises the epoch and reads the head in one step; waits for an append that is under way. No row: the journal lacks
 * the row that this process saw last ($5, $6), or a newer format has been written, or the caller renews ($4) what
 * another owner has claimed since.
 */
const CLAIM = `
  insert into shards (shard, epoch, format, owner)
  select $1, 1, $2, $3 where $5::bigint = 0
    or exists (select 1 from journal where shard = $1 and last_position = $5 and hash = $6)
  on conflict (shard) do update set epoch = shards.epoch + 1, format = $2, owner = $3
    where shards.format <= $2 and (shards.owner = $3 or not $4)
  returning epoch, head_position, head_hash, source, source_offset`;

/**
 * Moves the head only from where the writer believes it is, in the writer's own epoch, and never back over what the bus
 * was taken in up to; inserts only if it moved.
 */
const APPEND = `
  with moved as (
    update shards set head_position = $2::bigint + $3::integer - 1, head_hash = $7,
      source = coalesce($9, source), source_offset = coalesce($10, source_offset)
    where shard = $1 and epoch = $4 and head_position = $2::bigint - 1 and head_hash is not distinct from $6
      and (source is distinct from $9 or source_offset is null or source_offset <= $10 or $10 is null)
    returning shard
  )
  insert into journal (shard, first_position, count, epoch, recorded_at, previous_hash, hash, body, source, source_offset)
  select shard, $2, $3, $4, $5, $6, $7, $8, $9, $10 from moved`;

/**
 * A write, though it changes nothing: it waits for a claim that is under way, and a primary that was replaced without
 * being told waits in vain for its standby, where a mere look at the row would still say yes.
 */
const CONFIRM = 'update shards set epoch = epoch where shard = $1 and epoch = $2';

/**
 * The session that appends. No statement_timeout: it would break off the wait for a standby and report success.
 * A lock is waited for only behind an append of an earlier writer.
 */
const PREPARE_SESSION = `
  select set_config('synchronous_commit', 'on', false), set_config('statement_timeout', '0', false),
    set_config('lock_timeout', '5s', false), set_config('default_transaction_isolation', 'read committed', false),
    current_setting('fsync') as fsync`;

/** The last row that this process knows to be on disk, by database and shard: it outlives a journal's owner. */
const SEEN = new Map<string, Head>();

export interface PostgresJournalOptions {
  /** How long an answer is waited for, in milliseconds. Default 10,000. */
  readonly answerMsMax?: number;
  /** Default: this journal's own. */
  readonly claimant?: Claimant | undefined;
}

export class PostgresJournal implements Journal {
  readonly #url: string;
  readonly #shard: string;
  readonly #answerMsMax: number;
  readonly #readers: pg.Pool;
  readonly #claimant: Claimant;
  #writer: pg.Client | undefined;
  #epoch: bigint | undefined;
  #socket: Socket | undefined;

  constructor(database: Pick<Database, 'url' | 'pool'>, shard: string, options: PostgresJournalOptions = {}) {
    this.#url = database.url;
    this.#shard = shard;
    this.#answerMsMax = options.answerMsMax ?? ANSWER_MS_MAX;
    this.#claimant = options.claimant ?? new Claimant();
    this.#readers = database.pool({
      connectionsMax: 4,
      statementTimeoutMs: 0, // a long read is a long read
      applicationName: 'itirp journal reader',
    });
  }

  /**
   * @throws Fault DATABASE_UNSAFE: fsync is off, so a confirmed row could be lost
   * @throws Fault JOURNAL_BEHIND: a row that this process saw committed is not there; nothing was claimed
   */
  async claim(): Promise<Claim> {
    this.#disconnect();
    try {
      const writer = await this.#connect();
      const { position, hash } = this.#seen;
      const { id, hasClaimed } = this.#claimant;
      const values = [this.#shard, VERSION, id, hasClaimed, position, hash ?? null];
      const { rows } = await writer.query<ClaimRow>(CLAIM, values);
      const row = rows[0];
      if (row === undefined) throw await this.#whyNot(writer);
      this.#claimant.hasClaimed = true;
      this.#epoch = row.epoch;
      this.#see(headOf(row));
      return { epoch: Number(row.epoch), head: headOf(row), source: sourceOf(row.source, row.source_offset) };
    } catch (error) {
      this.#disconnect();
      throw faultOf(error);
    }
  }

  async append(batch: SealedBatch): Promise<void> {
    const { firstPosition, count, epoch, recordedAt, previousHash, hash, body, source } = batch;
    const sealed = [batch.shard, firstPosition, count, epoch, recordedAt, previousHash ?? null, hash, body];
    const values = [...sealed, source?.source ?? null, source?.offset ?? null];
    const isIn = await this.#write({ name: 'append', text: APPEND, values });
    if (!isIn)
      throw new Fault('JOURNAL_CONFLICT', `position ${firstPosition} of ${batch.shard} in epoch ${epoch}`);
    this.#see({ position: (firstPosition + count - 1) as Position, hash });
  }

  async confirm(): Promise<void> {
    const isOurs = await this.#write({ name: 'confirm', text: CONFIRM, values: [this.#shard, this.#epoch] });
    if (!isOurs) throw new Fault('JOURNAL_CONFLICT', `${this.#shard} has a new owner`);
  }

  /** One statement, one view of the journal: the rows as they are, even broken ones. */
  async *read(after: Position): AsyncGenerator<SealedBatch> {
    const client = await this.#readers.connect().catch(rethrow);
    let isOver = false;
    try {
      const stream = client.query(copyTo(this.#copyAfter(client, after)));
      for await (const row of copiedRows(stream)) yield batchOf(this.#shard, row);
      isOver = true;
    } catch (error) {
      throw faultOf(error);
    } finally {
      client.release(!isOver); // a reader that left in the middle: drop the connection rather than the rest of the rows
    }
  }

  async head(): Promise<Head> {
    const ask = 'select epoch, head_position, head_hash from shards where shard = $1';
    const { rows } = await this.#readers.query<HeadRow>(ask, [this.#shard]).catch(rethrow);
    return rows[0] === undefined ? { position: 0 as Position, hash: undefined } : headOf(rows[0]);
  }

  /** Walks back from the end by the key: times never run backwards, and what is asked for is recent. */
  async positionBefore(time: Micros): Promise<Position> {
    const ask = `select last_position from journal where shard = $1 and recorded_at < $2
      order by first_position desc limit 1`;
    const { rows } = await this.#readers
      .query<{ last_position: bigint }>(ask, [this.#shard, time])
      .catch(rethrow);
    return Number(rows[0]?.last_position ?? 0n) as Position;
  }

  /** Gives up writing. Reading ends with the database. */
  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.end().catch(() => {});
    this.#disconnect();
  }

  /** Did `statement` come upon its row? Over the session that claimed, and over no other. */
  async #write(statement: pg.QueryConfig): Promise<boolean> {
    const writer = this.#writer;
    if (writer === undefined) throw new Fault('JOURNAL_UNAVAILABLE', 'the connection is lost; claim again');
    try {
      return (await writer.query(statement)).rowCount === 1;
    } catch (error) {
      const fault = faultOf(error);
      if (fault.code === 'JOURNAL_UNAVAILABLE') this.#disconnect(); // in doubt: nothing more over this connection
      throw fault;
    }
  }

  async #whyNot(writer: pg.Client): Promise<Fault> {
    const ask = 'select epoch, head_position, head_hash, format from shards where shard = $1';
    const { rows } = await writer.query<HeadRow & { format: number }>(ask, [this.#shard]);
    if (!(await this.#isKnown(writer))) {
      const ends = `${this.#shard} ends at ${rows[0]?.head_position ?? 0}, and ${this.#seen.position} was seen`;
      return new Fault(
        'JOURNAL_BEHIND',
        `${ends}; bring back the database that has it, or restart if this is meant`,
      );
    }
    const isNewer = (rows[0]?.format ?? 0) > VERSION;
    return isNewer
      ? new Fault('JOURNAL_NEWER', `${this.#shard}; run the newer program here too`)
      : new Fault('JOURNAL_CONFLICT', `${this.#shard} has a new owner`);
  }

  /** Is the last row that was seen in this journal? */
  async #isKnown(writer: pg.Client): Promise<boolean> {
    const { position, hash } = this.#seen;
    if (position === 0) return true;
    const ask = 'select 1 from journal where shard = $1 and last_position = $2 and hash = $3';
    return (await writer.query(ask, [this.#shard, position, hash])).rowCount === 1;
  }

  get #seen(): Head {
    return SEEN.get(`${this.#url} ${this.#shard}`) ?? { position: 0 as Position, hash: undefined };
  }

  /** A row on disk: whatever this shard's journal is from now on, it holds it. */
  #see(head: Head): void {
    SEEN.set(`${this.#url} ${this.#shard}`, head);
  }

  async #connect(): Promise<pg.Client> {
    const socket = new Socket();
    this.#socket = socket;
    const connectTimeoutMs = Math.min(this.#answerMsMax, CONNECT_MS_MAX);
    const writer = openClient(
      this.#url,
      { applicationName: 'itirp journal writer', statementTimeoutMs: 0, connectTimeoutMs },
      { query_timeout: this.#answerMsMax, stream: () => socket },
    );
    writer.on('error', () => {
      if (this.#writer === writer) this.#disconnect(); // a connection given up earlier may still complain
    });
    await writer.connect();
    const { rows } = await writer.query<{ fsync: string }>(PREPARE_SESSION);
    if (rows[0]?.fsync !== 'on') throw new Fault('DATABASE_UNSAFE', 'set fsync = on');
    this.#writer = writer;
    return writer;
  }

  /** At once: a server that does not answer would not answer a goodbye either. */
  #disconnect(): void {
    this.#writer = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** COPY takes no parameters. The row that holds `after + 1` is the last one that begins no later. */
  #copyAfter(client: pg.ClientBase, after: Position): string {
    const shard = client.escapeLiteral(this.#shard);
    const first = `select max(first_position) from journal where shard = ${shard} and first_position <= ${after + 1}`;
    const from = after === 0 ? '' : `and first_position >= (${first}) and last_position > ${after}`;
    return `copy (
      select first_position, count, epoch, recorded_at, previous_hash, hash, body, source, source_offset
      from journal where shard = ${shard} ${from} order by first_position
    ) to stdout with (format binary)`;
  }
}

/** A row that another writer's row refuses is a conflict; whatever else happens, nobody knows if the row is there. */
function faultOf(error: unknown): Fault {
  if (error instanceof Fault) {
    const isPassing = error.mayRetry && error.code !== 'JOURNAL_UNAVAILABLE';
    return isPassing ? new Fault('JOURNAL_UNAVAILABLE', error.message, { cause: error }) : error;
  }
  const code = codeOf(error);
  const isConflict = code === '23505' || code === '23503'; // taken position, or no such row before it
  const detail = code === '53100' ? 'the disk of the database is full' : messageOf(error);
  return new Fault(isConflict ? 'JOURNAL_CONFLICT' : 'JOURNAL_UNAVAILABLE', detail, { cause: error });
}

function rethrow(error: unknown): never {
  throw faultOf(error);
}
