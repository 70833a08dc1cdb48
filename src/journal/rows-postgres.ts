/** What PostgreSQL says of a journal, as the journal's own words. */
import type { Micros, Position } from '../core/values/names.ts';
import type { RawRow } from './copied-rows.ts';
import type { SourceMark } from './entry.ts';
import type { Head, SealedBatch } from './journal.ts';

export interface HeadRow {
  readonly epoch: bigint;
  readonly head_position: bigint;
  readonly head_hash: Buffer | null;
}

export interface ClaimRow extends HeadRow {
  readonly source: string | null;
  readonly source_offset: bigint | null;
}

export const headOf = (row: HeadRow): Head => ({
  position: Number(row.head_position) as Position,
  hash: row.head_hash ?? undefined,
});

/** Hashes are copied: they may be kept for long, and must not keep the whole chunk that they came in. */
export function batchOf(shard: string, row: RawRow): SealedBatch {
  const [firstPosition, count, epoch, recordedAt, previousHash, hash, body, source, offset] = row;
  return {
    shard,
    firstPosition: Number(firstPosition?.readBigInt64BE()) as Position,
    count: count?.readInt32BE() ?? 0,
    epoch: Number(epoch?.readBigInt64BE()),
    recordedAt: Number(recordedAt?.readBigInt64BE()) as Micros,
    previousHash: previousHash === undefined ? undefined : Buffer.from(previousHash),
    hash: Buffer.from(hash ?? []),
    body: body ?? Buffer.alloc(0),
    source: sourceOf(source?.toString('utf8'), offset?.readBigInt64BE()),
  };
}

export function sourceOf(
  source: string | null | undefined,
  offset: bigint | null | undefined,
): SourceMark | undefined {
  return typeof source === 'string' && typeof offset === 'bigint' ? { source, offset } : undefined;
}
