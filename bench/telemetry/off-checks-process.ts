/**
 * What an order pays for traces that nobody wants: on its way it is asked again and again whether there is a tracer, or a
 * trace. No platform without these questions exists, so the same walk over the same turns is taken with them and without.
 */
import type { CorrelationId, OrderId, UserId } from '../../src/core/values/names.ts';
import type { TurnTrace } from '../../src/sequencer/turn-trace.ts';
import { CommandTurn } from '../../src/sequencer/turns.ts';
import { serve } from '../run/child.ts';

/** One walk with and one without, in nanoseconds an order. */
export interface Walks {
  readonly asked: number;
  readonly unasked: number;
}

/** Turns of orders under way: placed, and reported of by the venue. */
const ORDERS = 512;
const WALKS = 4_000;

const CORRELATION_ID = '01890000-0000-7000-8000-000000000000' as CorrelationId;
const BY = {
  user: 'venue:SIM' as UserId,
  origin: 'venue:SIM',
  correlationId: CORRELATION_ID,
  reason: undefined,
};

const turnOf = (_: unknown, n: number): CommandTurn => {
  const orderId = String(n) as OrderId;
  const command = { type: 'ReportFromVenue', orderId, reports: [] } as const;
  return new CommandTurn(command, BY, nothing, nothing);
};
const nothing = (): void => {};

interface Noting {
  enter(turn: CommandTurn): void;
  committed(turn: CommandTurn): void;
}

/** Asks as the door, `Sequencer` and `Writer` do; a batch is as dear as can be: each command is alone in its own. */
class Way {
  readonly #spans: Noting | undefined;
  /** What there is to do beside, so that the walk is one. */
  done = 0;

  constructor(spans: Noting | undefined) {
    this.#spans = spans;
  }

  asked(turn: CommandTurn, request: { span: TurnTrace | undefined }): void {
    if (request.span?.traceId !== undefined) this.done += 1; // once a command here, once an order at the door
    this.#spans?.enter(turn);
    const { trace } = turn;
    if (trace !== undefined) trace.takenAt = this.done;
    this.done += turn.enteredMs;
    if (trace !== undefined) trace.decidedAt = this.done;
    this.#spans?.committed(turn);
  }

  unasked(turn: CommandTurn): void {
    this.done += turn.enteredMs;
  }
}

const requestOf = (): { span: TurnTrace | undefined } => ({ span: undefined });

/** Half of them with traces: what is compiled then has met both answers, as code that may be switched on must. */
function warmUp(): void {
  const trace = { traceId: '', parentId: undefined, enteredAt: 0, takenAt: 0, decidedAt: 0 };
  const tracing: Noting = {
    enter: (turn) => {
      turn.trace = trace;
    },
    committed: (turn) => {
      turn.trace = undefined;
    },
  };
  const turns = Array.from({ length: ORDERS }, turnOf);
  for (const way of [new Way(tracing), new Way(undefined)]) {
    for (let walk = 0; walk < 100; walk += 1) for (const turn of turns) way.asked(turn, { span: trace });
  }
}

function measure(): Walks {
  const way = new Way(undefined);
  const turns = Array.from({ length: 2 * ORDERS }, turnOf);
  const requests = turns.map(requestOf);
  const nanosOf = (walkOnce: () => void): number => {
    walkOnce();
    const begun = process.threadCpuUsage();
    for (let walk = 0; walk < WALKS; walk += 1) walkOnce();
    return (1_000 * process.threadCpuUsage(begun).user) / (WALKS * ORDERS);
  };
  const unasked = nanosOf(() => {
    for (const turn of turns) way.unasked(turn);
  });
  const asked = nanosOf(() => {
    for (let i = 0; i < turns.length; i += 1) {
      way.asked(turns[i] as CommandTurn, requests[i] as { span: TurnTrace | undefined });
    }
  });
  return { asked, unasked };
}

serve({ warmUp, measure });
