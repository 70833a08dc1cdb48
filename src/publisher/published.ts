/** The port of the publisher's memory: how far a shard is told, and a checkpoint to begin from. */
import type { Position } from '../core/values/names.ts';

/** What the publisher knew at a position, in its own format. */
export interface Checkpoint {
  readonly position: Position;
  readonly body: Buffer;
}

export interface Published {
  /** Everything up to here is with the brokers; 0 where nothing was told yet. @throws Fault DATABASE_UNAVAILABLE */
  position(shard: string): Promise<Position>;
  /**
   * Everything up to `position` is told. Never moves back: where two tell the same shard for a moment, what one of them
   * has told is told. @throws Fault DATABASE_UNAVAILABLE
   */
  move(shard: string, position: Position): Promise<void>;
  /** The newest kept, if it is still what was kept. @throws Fault DATABASE_UNAVAILABLE */
  checkpoint(shard: string): Promise<Checkpoint | undefined>;
  /** Keeps `checkpoint` in place of the one before. @throws Fault DATABASE_UNAVAILABLE */
  keep(shard: string, checkpoint: Checkpoint): Promise<void>;
}
