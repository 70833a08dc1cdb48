/** What a reader's thread and the thread that started it say to each other. */
import type { Position } from '../core/values/names.ts';
import type { FaultCode } from '../faults/fault.ts';

/** What a reader's thread is started with; `Own` is what its kind needs beside. */
export interface ReaderTask<Own = unknown> {
  /** Of the database, its schema in it. Holds the password: never log it. */
  readonly url: string;
  readonly shard: string;
  /** One 64-bit integer: the newest fact there is. Shared, so that telling costs nothing. */
  readonly newest: SharedArrayBuffer;
  /** May hold passwords too. */
  readonly own: Own;
}

export type ToReader =
  /** There are facts up to `position`. */
  { readonly kind: 'poke'; readonly position: Position } | { readonly kind: 'stop' };

interface Says {
  readonly code: FaultCode;
  readonly detail: string | undefined;
}

export type FromReader =
  /** Its work is done up to `position`. */
  | { readonly kind: 'reached'; readonly position: Position }
  /** Its work is done up to `position`, and nothing more is known of: the next poke is welcome. */
  | { readonly kind: 'idle'; readonly position: Position }
  /** An outage; tried again by itself after `retryMs`. */
  | ({ readonly kind: 'trouble'; readonly retryMs: number } & Says)
  /** It ends, and trying again would not help. */
  | ({ readonly kind: 'failed' } & Says);
