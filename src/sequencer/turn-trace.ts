/** What is noted of a command that is traced, from the queue to the disk. */

/** Times are on the steady clock, in milliseconds. */
export interface TurnTrace {
  readonly traceId: string;
  /** What led to the command. */
  readonly parentId: string | undefined;
  readonly enteredAt: number;
  takenAt: number;
  decidedAt: number;
}
