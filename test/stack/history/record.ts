/** The clients' own history: what they asked, written before each call, and what they heard, written after it. */

/** What a client asks of the platform. */
export type Ask =
  | PlaceAsk
  | { readonly what: 'cancel'; readonly user: string; readonly orderId: string }
  | { readonly what: 'look'; readonly user: string; readonly orderId: string }
  | { readonly what: 'halt'; readonly user: string }
  | { readonly what: 'release'; readonly user: string }
  | { readonly what: 'limits'; readonly user: string; readonly limits: Readonly<Record<string, string>> };

export interface PlaceAsk {
  readonly what: 'place';
  readonly user: string;
  /** One order has one, however often it is asked for. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: 'LIMIT' | 'MARKET';
  readonly quantity: string;
  /** Undefined: a market order. */
  readonly price?: string | undefined;
}

/**
 * What a client knows after a call. `ok`: it was done, or was found done. `fail`: it was not and never will be.
 * `unknown`: it may have been done, or may yet be.
 */
export type Phase = 'ok' | 'fail' | 'unknown';

export interface Reply {
  /** The HTTP status; undefined where no answer came. */
  readonly status?: number | undefined;
  /** The fault's code, or why no answer came (`ECONNRESET`, `TIMEOUT`). */
  readonly code?: string | undefined;
  readonly orderId?: string | undefined;
  /** The order's status in the words of the v1 wire. */
  readonly word?: string | undefined;
}

/** A line of the file. Times are milliseconds since 1970 by one clock that never runs backwards. */
export type HistoryLine = Invocation | Ending;

export interface Invocation {
  readonly call: number;
  readonly phase: 'invoke';
  readonly at: number;
  readonly process: string;
  /** Minted by the client for this one call: every fact that it brings about carries it. */
  readonly correlationId: string;
  readonly ask: Ask;
}

export interface Ending {
  readonly call: number;
  readonly phase: Phase;
  readonly at: number;
  readonly reply: Reply;
}

/** A call as a whole; one whose end was never written is `unknown`. */
export interface Call<Asked extends Ask = Ask> {
  readonly call: number;
  readonly process: string;
  readonly correlationId: string;
  readonly ask: Asked;
  readonly invokedAt: number;
  readonly phase: Phase;
  /** Undefined: the client never heard. */
  readonly endedAt: number | undefined;
  readonly reply: Reply;
}

export type PlaceCall = Call<PlaceAsk>;

/**
 * The calls of a history in the order they were made.
 * @throws Error when a call ends twice or was never made: then the history itself cannot be believed
 */
export function callsOf(lines: Iterable<HistoryLine>): readonly Call[] {
  const calls = new Map<number, Call>();
  for (const line of lines) {
    const begun = calls.get(line.call);
    if (line.phase === 'invoke') {
      if (begun !== undefined) throw new Error(`call ${line.call} was made twice`);
      const { call, process, correlationId, ask, at } = line;
      const silence = { phase: 'unknown', endedAt: undefined, reply: {} } as const;
      calls.set(call, { call, process, correlationId, ask, invokedAt: at, ...silence });
    } else {
      if (begun === undefined) throw new Error(`call ${line.call} ended and was never made`);
      if (begun.endedAt !== undefined) throw new Error(`call ${line.call} ended twice`);
      calls.set(line.call, { ...begun, phase: line.phase, endedAt: line.at, reply: line.reply });
    }
  }
  return [...calls.values()];
}

/** The calls that asked for `what`. */
export function callsFor<What extends Ask['what']>(
  calls: readonly Call[],
  what: What,
): readonly Call<Extract<Ask, { what: What }>>[] {
  return calls.filter((call): call is Call<Extract<Ask, { what: What }>> => call.ask.what === what);
}

/** When each was asked, in milliseconds since 1970. */
export const askedAt = (calls: readonly Call[]): readonly number[] => calls.map(({ invokedAt }) => invokedAt);

/** What one order is known by, whoever asks again. */
export const keyOf = (user: string, clientOrderId: string): string => `${user} ${clientOrderId}`;
