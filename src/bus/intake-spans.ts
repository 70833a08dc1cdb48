/** Commands from the bus as spans: from when one is taken in until it is committed, and its answer on the way back. */
import type { SourceMark } from '../journal/entry.ts';
import { newSpanId, SPAN } from '../telemetry/trace-ids.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Dispatch } from './dispatch.ts';

/** One command that is traced, while it is under way. */
export interface TakenIn {
  readonly traceId: string;
  readonly spanId: string;
  readonly beganAt: number;
  readonly dispatch: Dispatch;
  /** Undefined: it was decided before its turn. */
  readonly mark: SourceMark | undefined;
}

export class IntakeSpans {
  readonly #tracing: Tracing;

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** Undefined: the command is not traced. */
  begin(dispatch: Dispatch, mark: SourceMark | undefined): TakenIn | undefined {
    const traceId = this.#tracing.traceOf(dispatch.by.correlationId);
    if (traceId === undefined) return undefined;
    return { traceId, spanId: newSpanId(), beganAt: performance.now(), dispatch, mark };
  }

  /** It is committed, or (`failure`) will not be by us. */
  end({ traceId, spanId, beganAt, dispatch, mark }: TakenIn, failure?: string): void {
    const [, topic = 'itirp.commands', partition] = mark?.source.split('/') ?? [];
    this.#tracing.record({
      traceId,
      spanId,
      parentId: SPAN.sent(traceId, dispatch.commandId),
      name: `process ${topic}`,
      kind: 'consumer',
      beganAt,
      endedAt: performance.now(),
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': topic,
        'messaging.message.id': dispatch.commandId,
        'itirp.shard': dispatch.shard,
        ...(partition === undefined ? {} : { 'messaging.destination.partition.id': partition }),
        ...(mark === undefined ? {} : { 'messaging.kafka.offset': Number(mark.offset) - 1 }),
      },
      failure,
    });
  }

  /** Its answer is ready: call what this returns once it has gone out. */
  whenAnswered(taken: TakenIn | undefined): (() => void) | undefined {
    if (taken === undefined) return undefined;
    const beganAt = performance.now();
    return () => this.#answered(taken, beganAt);
  }

  #answered({ traceId, spanId, dispatch }: TakenIn, beganAt: number): void {
    this.#tracing.record({
      traceId,
      spanId: SPAN.answered(traceId, dispatch.commandId),
      parentId: spanId,
      name: 'send answers',
      kind: 'producer',
      beganAt,
      endedAt: performance.now(),
      attributes: {
        'messaging.system': 'redis',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'answers',
        'messaging.message.id': dispatch.commandId,
        'itirp.shard': dispatch.shard,
      },
    });
  }
}
