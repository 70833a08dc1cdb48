/** What engines tell the other nodes of their shards: names of the channels and keys, and the words. */
import type { Position } from '../core/values/names.ts';

/** A {@link ShardView}, encoded. */
export const VIEWS_CHANNEL = 'itirp:views';
/** `{"shard": …, "position": …}`: the journal ends there now. */
export const HEADS_CHANNEL = 'itirp:heads';
/** The name of a shard whose listings have changed. */
export const LISTINGS_CHANNEL = 'itirp:listings';

export const viewKey = (shard: string): string => `itirp:view:${shard}`;

export interface ShardHead {
  readonly shard: string;
  readonly position: Position;
}

export const encodeHead = ({ shard, position }: ShardHead): Buffer =>
  Buffer.from(JSON.stringify({ shard, position }));

/** Undefined: the message does not read. */
export function decodeHead(message: Buffer): ShardHead | undefined {
  try {
    const { shard, position } = JSON.parse(message.toString('utf8')) as Partial<Record<string, unknown>>;
    if (typeof shard !== 'string' || !Number.isSafeInteger(position)) return undefined;
    return { shard, position: position as Position };
  } catch {
    return undefined;
  }
}
