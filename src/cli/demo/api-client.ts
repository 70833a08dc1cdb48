/** One user's connection to the server over HTTP: nothing here knows more than any client could. */
import { parseJson } from '../../protocol/json.ts';
import { type Amount, wire } from './amounts.ts';

const PATIENCE_MS = 15_000;

export interface OrderRequest {
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: 'LIMIT' | 'MARKET';
  readonly quantity: Amount;
  /** Undefined for a market order. */
  readonly price: Amount | undefined;
  readonly strategy: string;
  readonly clientOrderId: string;
}

/** What came of sending an order. `unheard`: nobody knows, and the same client order id will tell. */
export type Outcome =
  | { readonly kind: 'answered'; readonly orderId: string; readonly status: string; readonly message: string }
  | { readonly kind: 'duplicate' | 'conflict'; readonly orderId: string }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly detail: string }
  | { readonly kind: 'unheard'; readonly why: string };

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export class ApiClient {
  readonly user: string;
  readonly #url: string;
  #token = '';

  constructor(url: string, user: string) {
    this.#url = url;
    this.user = user;
  }

  /** @throws Error when the name or the password is wrong */
  async login(password: string): Promise<void> {
    const answer = await this.ask('POST', '/api/v1/auth/login', { username: this.user, password });
    if (answer.status !== 200) throw new Error(`${this.user} may not log in: ${problemOf(answer)}`);
    this.#token = String(answer.body.access_token);
  }

  /** Sends the order once. */
  async place(order: OrderRequest): Promise<Outcome> {
    const body = {
      symbol: order.symbol,
      side: order.side,
      type: order.type,
      quantity: wire(order.quantity),
      ...(order.price === undefined ? {} : { price: wire(order.price) }),
      strategy: order.strategy,
      client_order_id: order.clientOrderId,
    };
    try {
      return outcomeOf(await this.ask('POST', '/api/v1/orders', body));
    } catch (error) {
      return { kind: 'unheard', why: (error as Error).message };
    }
  }

  /** Asks to cancel. Resolves with the HTTP status: 200, or 409 where the order was finished first. */
  async cancel(orderId: string): Promise<number> {
    return (await this.ask('DELETE', `/api/v1/orders/${orderId}`)).status;
  }

  /** @throws Error when the answer is not 200 */
  async get(path: string): Promise<Answer['body']> {
    const answer = await this.ask('GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${problemOf(answer)}`);
    return answer.body;
  }

  /** One request, one answer. @throws Error when none came */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        ...(this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { status: response.status, body: parseJson(await response.text()) as Answer['body'] };
  }
}

function outcomeOf(answer: Answer): Outcome {
  const { status, body } = answer;
  if (status === 200) {
    return {
      kind: 'answered',
      orderId: String(body.order_id),
      status: String(body.status),
      message: String(body.message),
    };
  }
  if (status === 409) {
    const kind = body.code === 'CLIENT_ORDER_ID_CONFLICT' ? 'conflict' : 'duplicate';
    return { kind, orderId: String(body.order_id) };
  }
  // A 503 may hide a commit whose answer was lost; the other refusals are certain.
  if (status === 503) return { kind: 'unheard', why: problemOf(answer) };
  return { kind: 'refused', status, code: String(body.code), detail: problemOf(answer) };
}

/** The problem document's own words. */
export const problemOf = ({ body }: Answer): string =>
  typeof body.detail === 'string' ? body.detail : 'no reason given';
