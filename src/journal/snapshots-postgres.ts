/** Snapshots in PostgreSQL: compressed, in pieces that it takes gladly, checked against their hash when read. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Position } from '../core/values/names.ts';
import { asFault } from '../database/outage.ts';
import { copiedRows } from './copied-rows.ts';
import type { Snapshot, SnapshotLabel, Snapshots } from './journal.ts';

/** Of the body before it is compressed. */
const PIECE_BYTES = 32_000_000;
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
/** Fast rather than small: the point is less to write ahead. */
const QUICKLY = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export class PostgresSnapshots implements Snapshots {
  readonly #pool: pg.Pool;
  readonly #shard: string;

  constructor(pool: pg.Pool, shard: string) {
    this.#pool = pool;
    this.#shard = shard;
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async latest(): Promise<Snapshot | undefined> {
    return await this.#within(async (client) => {
      for (const label of (await this.#labels(client)).reverse()) {
        const body = await this.#body(client, label.position);
        if (body === undefined || !createHash('sha256').update(body).digest().equals(label.stateHash))
          continue;
        return { ...label, body };
      }
      return undefined;
    });
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async kept(): Promise<readonly SnapshotLabel[]> {
    return await this.#within((client) => this.#labels(client));
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async body(position: Position): Promise<Buffer | undefined> {
    return await this.#within((client) => this.#body(client, position));
  }

  /** @throws Fault DATABASE_UNAVAILABLE */
  async save(snapshot: Snapshot): Promise<void> {
    const { position, headHash, stateHash, stateVersion, body } = snapshot;
    await this.#within(async (client) => {
      await client.query('begin');
      await client.query('set local synchronous_commit = off'); // it may be lost at any time
      await client.query('delete from snapshots where shard = $1 and position >= $2', [
        this.#shard,
        position,
      ]);
      await client.query(
        `insert into snapshots (shard, position, head_hash, state_hash, state_version)
         values ($1, $2, $3, $4, $5)`,
        [this.#shard, position, headHash, stateHash, stateVersion ?? null],
      );
      for (let piece = 0; piece * PIECE_BYTES < body.length || piece === 0; piece += 1) {
        const part = await compress(body.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES), QUICKLY);
        await client.query(
          'insert into snapshot_pieces (shard, position, piece, body) values ($1, $2, $3, $4)',
          [this.#shard, position, piece, part],
        );
      }
      await client.query(
        `delete from snapshots where shard = $1 and position <
           (select position from snapshots where shard = $1 order by position desc offset 1 limit 1)`,
        [this.#shard],
      );
      await client.query('commit');
    });
  }

  async #labels(client: pg.PoolClient): Promise<SnapshotLabel[]> {
    const { rows } = await client.query<LabelRow>(
      'select position, head_hash, state_hash, state_version from snapshots where shard = $1 order by position',
      [this.#shard],
    );
    return rows.map((row) => ({
      position: Number(row.position) as Position,
      headHash: row.head_hash,
      stateHash: row.state_hash,
      ...(row.state_version === null ? {} : { stateVersion: row.state_version }),
    }));
  }

  /** Undefined where it cannot be read back: then an older one has to do, or the whole journal. */
  async #body(client: pg.PoolClient, position: Position): Promise<Buffer | undefined> {
    const shard = client.escapeLiteral(this.#shard);
    const pieces: Buffer[] = [];
    const stream = client.query(
      copyTo(`copy (
        select body from snapshot_pieces where shard = ${shard} and position = ${position} order by piece
      ) to stdout with (format binary)`),
    );
    for await (const [piece] of copiedRows(stream)) if (piece !== undefined) pieces.push(piece);
    try {
      return Buffer.concat(await Promise.all(pieces.map((piece) => decompress(piece))));
    } catch {
      return undefined;
    }
  }

  async #within<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    let isOver = false;
    try {
      client = await this.#pool.connect();
      const result = await work(client);
      isOver = true;
      return result;
    } catch (error) {
      throw asFault(error);
    } finally {
      client?.release(!isOver); // a connection in the middle of a transaction is thrown away, and the transaction with it
    }
  }
}

interface LabelRow {
  readonly position: bigint;
  readonly head_hash: Buffer;
  readonly state_hash: Buffer;
  readonly state_version: number | null;
}
