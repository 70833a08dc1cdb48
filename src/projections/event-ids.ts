/** Ids that are reckoned, not drawn: the same fact has the same id in every rebuild, and ids sort as facts happened. */
import { createHash } from 'node:crypto';
import { assert } from '../core/values/assert.ts';
import type { Micros, Position } from '../core/values/names.ts';

const POSITION_LIMIT = 2 ** 46;
const ORDINAL_LIMIT = 16;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** Tells two shards' facts of the same microsecond and position apart. 12 bits. */
export const shardTag = (shard: string): number =>
  createHash('sha256').update(shard).digest().readUInt16BE(0) % 4096;

/**
 * A UUIDv7 in shape: milliseconds (48 bits), microseconds within them (10 of the 12 bits of rand_a), then in rand_b the
 * journal position (46), the row's ordinal among those of its fact (4) and the shard's tag (12).
 */
export const eventIdOf = (at: Micros, position: Position, ordinal: number, tag: number): string =>
  eventIdsOf(at, position, tag)(ordinal);

/** The ids of one fact's rows, by ordinal: what they share is reckoned once. */
export function eventIdsOf(at: Micros, position: Position, tag: number): (ordinal: number) => string {
  assert(position < POSITION_LIMIT, 'a position has 46 bits');
  const milliseconds = hex(Math.floor(at / 1000), 12);
  const within = hex((at % 1000) * 4, 3);
  const high = hex(0x8000_0000 + Math.floor(position / 65_536), 8);
  const low = (position % 65_536) * 65_536 + tag;
  const shared = `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7${within}-${high.slice(0, 4)}-${high.slice(4)}`;
  return (ordinal) => {
    assert(ordinal < ORDINAL_LIMIT, 'an ordinal has 4 bits');
    return shared + hex(low + ordinal * 4096, 8);
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

/** `text` where it is a UUID, else one (version 8) reckoned from it: a column that wants a UUID gets one. */
export function uuidFor(text: string): string {
  if (isUuid(text)) return text;
  const digest = createHash('sha256').update(text).digest('hex');
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
