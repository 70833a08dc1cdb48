/** What the order path's thread and the projector's say to each other. */
import type { Position } from '../core/values/names.ts';
import type { FaultCode } from '../faults/fault.ts';
import type { Manners } from './projector.ts';

/** What the projector's thread is started with. */
export interface ProjectorTask {
  /** Of the database, its schema in it. Holds the password: never log it. */
  readonly url: string;
  readonly shard: string;
  readonly manners?: Partial<Manners> | undefined;
  /** One 64-bit integer: the newest fact there is. Shared, so that telling costs nothing. */
  readonly newest: SharedArrayBuffer;
}

export type ToProjector =
  /** There are facts up to `position`. */
  { readonly kind: 'poke'; readonly position: Position } | { readonly kind: 'stop' };

export type FromProjector =
  /** The views hold everything up to `position`. */
  | { readonly kind: 'reached'; readonly position: Position }
  /** Everything known of is projected: the next poke is welcome. */
  | { readonly kind: 'idle' }
  /** An outage; tried again by itself after `retryMs`. */
  | {
      readonly kind: 'trouble';
      readonly code: FaultCode;
      readonly detail: string | undefined;
      readonly retryMs: number;
    };
