/** What one group commit holds: the turns that share it, and the entries that they brought about. */
import type { Position } from '../core/values/names.ts';
import type { CommittedBatch, Entry, SourceMark } from '../journal/entry.ts';
import type { SealedBatch } from '../journal/journal.ts';
import type { Moment } from './tenure.ts';
import type { CommandTurn, Turn } from './turns.ts';

export class Batch {
  readonly firstPosition: Position;
  /** Everyone to be answered when the batch is committed, in order. */
  readonly turns: Turn[] = [];
  /** One for each command that brought about at least one event. */
  readonly entries: Entry[] = [];
  /** Events in all entries. */
  count = 0;
  /** The row, once nothing more is let in. */
  sealed: SealedBatch | undefined;
  /** When the row went to the journal. */
  sentAt: Moment | undefined;
  /** How far the bus is taken in with it. */
  source: SourceMark | undefined;

  constructor(firstPosition: Position) {
    this.firstPosition = firstPosition;
  }

  /** Position of the last event in it; of the last before it while there is none. */
  get lastPosition(): Position {
    return (this.firstPosition + this.count - 1) as Position;
  }

  add(turn: CommandTurn): void {
    this.turns.push(turn);
    this.source = turn.source ?? this.source;
    const { events, at, by } = turn;
    if (events.length > 0) {
      const { user, origin, correlationId, reason } = by;
      this.entries.push({ at, user, origin, correlationId, reason, events });
      this.count += events.length;
    }
    turn.position = this.lastPosition;
  }

  get committed(): CommittedBatch {
    return { firstPosition: this.firstPosition, lastPosition: this.lastPosition, entries: this.entries };
  }
}
