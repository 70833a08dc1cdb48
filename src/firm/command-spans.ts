/** Commands to other processes as spans: until the bus holds one, and from then on until its answer is heard. */
import type { Dispatch, Outcome } from '../bus/dispatch.ts';
import { newSpanId, SPAN } from '../telemetry/trace-ids.ts';
import type { Tracing } from '../telemetry/tracing.ts';

/** One command that is traced, while it is under way. */
export interface Asked {
  readonly traceId: string;
  readonly dispatch: Dispatch;
  /** Until it is sent: since when it is being sent. From then on: since when its answer is waited for. */
  since: number;
}

export class CommandSpans {
  readonly #tracing: Tracing;
  readonly #topic: string;

  /** `topic`: that commands are sent to, as the cluster has it. */
  constructor(tracing: Tracing, topic: string) {
    this.#tracing = tracing;
    this.#topic = topic;
  }

  /** Undefined: the command is not traced. */
  begin(dispatch: Dispatch): Asked | undefined {
    const traceId = this.#tracing.traceOf(dispatch.by.correlationId);
    return traceId === undefined ? undefined : { traceId, dispatch, since: performance.now() };
  }

  /** The bus holds it, or (`failure`) does not, as far as anybody knows. */
  sent(asked: Asked, failure?: string): void {
    const { traceId, dispatch, since } = asked;
    asked.since = performance.now();
    this.#tracing.record({
      traceId,
      spanId: SPAN.sent(traceId, dispatch.commandId),
      parentId: dispatch.by.span,
      name: `send ${this.#topic}`,
      kind: 'producer',
      beganAt: since,
      endedAt: asked.since,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': this.#topic,
        'messaging.message.id': dispatch.commandId,
        'itirp.shard': dispatch.shard,
        'itirp.command': dispatch.command.type,
      },
      failure,
    });
  }

  /** Its answer was heard; undefined: none came in time. */
  heard({ traceId, dispatch, since }: Asked, outcome: Outcome | undefined): void {
    const { commandId, shard, by } = dispatch;
    const faultCode = outcome?.kind === 'fault' ? outcome.code : undefined;
    this.#tracing.record({
      traceId,
      spanId: newSpanId(),
      parentId: by.span,
      name: 'receive answers',
      kind: 'consumer',
      beganAt: since,
      endedAt: performance.now(),
      attributes: {
        'messaging.system': 'redis',
        'messaging.operation.name': 'receive',
        'messaging.operation.type': 'receive',
        'messaging.destination.name': 'answers',
        'messaging.message.id': commandId,
        'itirp.shard': shard,
      },
      failure: outcome === undefined ? 'COMMAND_IN_DOUBT' : faultCode,
      // It was waited for before it was sent, so that it cannot be what led to this.
      links: outcome === undefined ? undefined : [{ traceId, spanId: SPAN.answered(traceId, commandId) }],
    });
  }
}
