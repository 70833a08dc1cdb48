/** One user at the HTTP door: every call is in the history before it is made, and its outcome after. */
import { randomUUID } from 'node:crypto';
import type { Ask, Phase, PlaceAsk, Reply } from '../history/record.ts';
import type { HistoryWriter } from '../history/writer.ts';

export interface Heard {
  readonly phase: Phase;
  readonly reply: Reply;
  /** The answer's body where there is one. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Longer than the platform lets a request wait for its engine, so that what it has to say is heard. Milliseconds. */
const PATIENCE_MS = 8_000;

/**
 * Codes that promise that nothing was done and nothing will be. The checker holds them to it. What is not here leaves
 * the outcome open, whatever its status is.
 */
const NOT_DONE: ReadonlySet<string> = new Set([
  'BUS_UNAVAILABLE',
  'NOT_READY',
  'SEQUENCER_BUSY',
  'RATE_LIMITED',
  'TOKEN_MISSING',
  'TOKEN_INVALID',
  'PERMISSION_DENIED',
  'BODY_INVALID',
  'ORDER_UNKNOWN',
  'ORDER_NOT_WORKING',
  'COMMAND_LATE',
]);

export interface DoorOptions {
  readonly url: string;
  readonly user: string;
  readonly token: string;
  readonly history: HistoryWriter;
}

export class Door {
  readonly user: string;
  readonly #options: DoorOptions;

  constructor(options: DoorOptions) {
    this.user = options.user;
    this.#options = options;
  }

  place(process: string, ask: PlaceAsk): Promise<Heard> {
    const { clientOrderId, symbol, side, type, quantity, price } = ask;
    const body = { symbol, side, type, quantity, client_order_id: clientOrderId };
    const whole = price === undefined ? body : { ...body, price };
    return this.#call(process, ask, 'POST', '/api/v1/orders', whole);
  }

  cancel(process: string, orderId: string): Promise<Heard> {
    const ask: Ask = { what: 'cancel', user: this.user, orderId };
    return this.#call(process, ask, 'DELETE', `/api/v1/orders/${orderId}`);
  }

  look(process: string, orderId: string): Promise<Heard> {
    return this.#call(
      process,
      { what: 'look', user: this.user, orderId },
      'GET',
      `/api/v1/orders/${orderId}`,
    );
  }

  setKillSwitch(process: string, isEngaging: boolean): Promise<Heard> {
    const ask: Ask = { what: isEngaging ? 'halt' : 'release', user: this.user };
    return this.#call(process, ask, 'POST', `/api/v1/risk/kill-switch?enabled=${isEngaging}`);
  }

  setLimits(process: string, limits: Readonly<Record<string, string>>): Promise<Heard> {
    return this.#call(
      process,
      { what: 'limits', user: this.user, limits },
      'PUT',
      '/api/v1/risk/limits',
      limits,
    );
  }

  async #call(process: string, ask: Ask, method: string, path: string, body?: unknown): Promise<Heard> {
    const { history, url, token } = this.#options;
    const correlationId = randomUUID();
    const call = history.invoke(process, correlationId, ask);
    let heard: Heard;
    try {
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'x-correlation-id': correlationId,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      heard = heardIn(response.status, await jsonOf(response));
    } catch (error) {
      heard = { phase: 'unknown', reply: { code: whyNothingCame(error) }, body: {} };
    }
    history.end(call, heard.phase, heard.reply);
    return heard;
  }
}

/** A proxy's own answer is no JSON: it says nothing of the outcome. */
async function jsonOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

/** What a client knows after an answer. */
export function heardIn(status: number, body: Readonly<Record<string, unknown>>): Heard {
  const text = (name: string): string | undefined =>
    typeof body[name] === 'string' ? (body[name] as string) : undefined;
  const code = text('code');
  const reply: Reply = { status, code, orderId: text('order_id'), word: text('status') };
  return { phase: phaseOf(status, code), reply, body };
}

function phaseOf(status: number, code: string | undefined): Phase {
  if (status === 200 || code === 'CLIENT_ORDER_ID_DUPLICATE') return 'ok';
  return code !== undefined && NOT_DONE.has(code) ? 'fail' : 'unknown';
}

function whyNothingCame(error: unknown): string {
  if (error instanceof DOMException) return error.name;
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? String(error);
}
