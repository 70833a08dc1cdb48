/** Commands as spans: from the queue until they are decided, and from the disk's way there until it says so. */
import type { Command } from '../core/commands.ts';
import { newSpanId, SPAN } from '../telemetry/trace-ids.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Batch } from './batch.ts';
import type { TurnTrace } from './turn-trace.ts';
import { CommandTurn } from './turns.ts';

export class TurnSpans {
  readonly #tracing: Tracing;
  readonly #shard: string;

  constructor(tracing: Tracing, shard: string) {
    this.#tracing = tracing;
    this.#shard = shard;
  }

  /** The turn enters the queue. */
  enter(turn: CommandTurn): void {
    const { command, by } = turn;
    const traceId = this.#tracing.traceOf(by.correlationId);
    if (traceId === undefined) return;
    const parentId = by.span ?? ledBy(traceId, command);
    turn.trace = { traceId, parentId, enteredAt: performance.now(), takenAt: 0, decidedAt: 0 };
  }

  /** The batch is on disk: each of its commands that is traced has the same append, and says with how many. */
  committed(batch: Batch): void {
    const endedAt = performance.now();
    for (const turn of batch.turns) {
      if (!(turn instanceof CommandTurn) || turn.trace === undefined) continue;
      this.#decided(turn, turn.trace);
      if (turn.events.length > 0) this.#appended(turn, turn.trace, batch, endedAt);
    }
  }

  #decided({ command }: CommandTurn, { traceId, parentId, enteredAt, takenAt, decidedAt }: TurnTrace): void {
    this.#tracing.record({
      traceId,
      spanId: newSpanId(),
      parentId,
      name: 'decide',
      kind: 'internal',
      beganAt: enteredAt,
      endedAt: decidedAt,
      attributes: {
        'itirp.command': command.type,
        'itirp.shard': this.#shard,
        'itirp.queue.wait_ms': takenAt - enteredAt,
      },
    });
  }

  #appended(
    { events, position }: CommandTurn,
    { traceId, parentId, decidedAt }: TurnTrace,
    batch: Batch,
    endedAt: number,
  ): void {
    const first = position - events.length + 1;
    this.#tracing.record({
      traceId,
      spanId: SPAN.appended(traceId, this.#shard, first),
      parentId,
      name: 'append journal',
      kind: 'client',
      beganAt: batch.sentAt?.steadyMs ?? decidedAt,
      endedAt,
      attributes: {
        'db.system.name': 'postgresql',
        'db.operation.name': 'INSERT',
        'db.collection.name': 'journal',
        'itirp.shard': this.#shard,
        'itirp.journal.position': first,
        'itirp.batch.commands': batch.entries.length,
        'itirp.batch.events': batch.count,
      },
    });
  }
}

/** What a venue says of an order was led to by the order's going there, be it in another life of this process. */
const ledBy = (traceId: string, command: Command): string | undefined =>
  command.type === 'ReportFromVenue' ? SPAN.placed(traceId, command.orderId) : undefined;
