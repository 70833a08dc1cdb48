/**
 * The seal of a row: SHA-256 over its header, the hash of the row before, and its body. Whoever changes, drops, adds
 * or reorders anything has to change every hash from there on.
 *
 * The hashed bytes, all integers big-endian, each field of fixed length but the shard, whose length goes before it:
 *   "itirp journal row 1\n"                                     20 bytes: what this is, and which rule
 *   shard length, shard                                         u16, UTF-8
 *   first position, count, epoch, recorded at (microseconds)    u64 each
 *   hash of the row before                                      32 bytes; zeros in the first row of a shard
 *   body                                                        to the end
 *
 * A row whose commands came over a bus begins with "itirp journal row 2\n" and has before its body:
 *   source length, source                                       u16, UTF-8
 *   source offset                                               u64
 */
import { createHash } from 'node:crypto';
import { assert } from '../core/values/assert.ts';
import type { Position } from '../core/values/names.ts';
import type { SourceMark } from './entry.ts';
import type { Head, SealedBatch } from './journal.ts';

const RULE = Buffer.from('itirp journal row 1\n');
const RULE_WITH_SOURCE = Buffer.from('itirp journal row 2\n');
const HASH_BYTES = 32;
const NUMBERS_BYTES = 4 * 8;

/** What is sealed: a row without its hash. */
export type UnsealedBatch = Omit<SealedBatch, 'hash'>;

/** Seals a batch that follows `head`. */
export function sealAfter(
  head: Head,
  batch: Pick<SealedBatch, 'shard' | 'count' | 'epoch' | 'recordedAt' | 'body' | 'source'>,
): SealedBatch {
  assert(batch.count >= 1, 'a row holds at least one event');
  const firstPosition = (head.position + 1) as Position;
  const unsealed = { ...batch, firstPosition, previousHash: head.hash };
  return { ...unsealed, hash: hashOf(unsealed) };
}

/** The hash that a row must have. */
export function hashOf(batch: UnsealedBatch): Buffer {
  const shard = Buffer.from(batch.shard, 'utf8');
  const header = Buffer.alloc(RULE.length + 2 + shard.length + NUMBERS_BYTES + HASH_BYTES);
  (batch.source === undefined ? RULE : RULE_WITH_SOURCE).copy(header);
  let at = header.writeUInt16BE(shard.length, RULE.length);
  at += shard.copy(header, at);
  for (const number of [batch.firstPosition, batch.count, batch.epoch, batch.recordedAt]) {
    at = header.writeBigUInt64BE(BigInt.asUintN(64, BigInt(number)), at);
  }
  batch.previousHash?.copy(header, at);
  const hash = createHash('sha256').update(header);
  if (batch.source !== undefined) hash.update(sourceBytes(batch.source));
  return hash.update(batch.body).digest();
}

function sourceBytes({ source, offset }: SourceMark): Buffer {
  const text = Buffer.from(source, 'utf8');
  const bytes = Buffer.alloc(2 + text.length + 8);
  let at = bytes.writeUInt16BE(text.length);
  at += text.copy(bytes, at);
  bytes.writeBigUInt64BE(offset, at);
  return bytes;
}

/** Where the journal ends once `batch` is in it. */
export const headAfter = (batch: SealedBatch): Head => ({
  position: (batch.firstPosition + batch.count - 1) as Position,
  hash: batch.hash,
});

/** A journal without a row. */
export const EMPTY: Head = { position: 0 as Position, hash: undefined };

/** Are both the same end of the same chain? */
export const isSameHead = (one: Head, other: Head): boolean =>
  one.position === other.position &&
  (one.hash === undefined
    ? other.hash === undefined
    : other.hash !== undefined && one.hash.equals(other.hash));
