/** What a load asks beside its requests, over HTTP and one at a time: tokens, quotes, limits and lists of orders. */
import { Fault } from '../faults/fault.ts';

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export interface Tokens {
  readonly access: string;
  readonly refresh: string | undefined;
  readonly expiresInSeconds: number;
}

export interface Quote {
  readonly symbol: string;
  readonly bid: number;
  readonly ask: number;
  readonly tick_size: number;
  readonly lot_size: number;
}

/** The firm's limits, as API v1 has them. */
export interface Limits {
  readonly max_position_size: number;
  readonly max_daily_volume: number;
  readonly max_net_exposure: number;
  readonly max_gross_exposure: number;
}

export interface OrderPage {
  readonly orders: readonly { readonly order_id: string; readonly created_at: string }[];
  readonly next_cursor: string | null;
}

const PATIENCE_MS = 15_000;

export class Control {
  readonly #urls: readonly URL[];
  #preferred = 0;

  constructor(urls: readonly URL[]) {
    this.#urls = urls;
  }

  /** @throws Fault CREDENTIALS_INVALID, LOAD_TARGET_FAILED */
  async logIn({ name, password }: Credentials): Promise<Tokens> {
    const body = { username: name, password };
    return tokensIn(await this.#ask('POST', '/api/v1/auth/login', undefined, body, name));
  }

  /** @throws Fault CREDENTIALS_INVALID: the session is over; LOAD_TARGET_FAILED */
  async refresh(refreshToken: string): Promise<Tokens> {
    return tokensIn(
      await this.#ask('POST', '/api/v1/auth/refresh', undefined, { refresh_token: refreshToken }),
    );
  }

  /** Those that can be traded on. @throws Fault LOAD_TARGET_FAILED */
  async quotes(token: string): Promise<readonly Quote[]> {
    const { quotes } = (await this.#ask('GET', '/api/v1/market/quotes', token)) as {
      quotes: readonly Quote[];
    };
    return quotes.filter(({ bid, ask, tick_size }) => bid > tick_size && ask > 0);
  }

  /** @throws Fault PERMISSION_DENIED, LOAD_TARGET_FAILED */
  async limits(token: string): Promise<Limits> {
    return (await this.#ask('GET', '/api/v1/risk/limits', token)) as Limits;
  }

  /** @throws Fault PERMISSION_DENIED, LOAD_TARGET_FAILED */
  async setLimits(token: string, limits: Limits): Promise<void> {
    await this.#ask('PUT', '/api/v1/risk/limits', token, limits);
  }

  /** Newest first. @throws Fault LOAD_TARGET_FAILED */
  async orders(token: string, cursor: string | null): Promise<OrderPage> {
    const more = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    return (await this.#ask('GET', `/api/v1/orders?limit=1000${more}`, token)) as OrderPage;
  }

  /** Asks the address that answered last, and the others where it does not. */
  async #ask(
    method: string,
    path: string,
    token: string | undefined,
    body?: unknown,
    who = '',
  ): Promise<unknown> {
    let why = 'there is no address';
    for (let i = 0; i < this.#urls.length; i++) {
      const at = (this.#preferred + i) % this.#urls.length;
      const base = this.#urls[at]?.href.replace(/\/+$/, '') ?? '';
      const response = await fetch(`${base}${path}`, requestOf(method, token, body)).catch(
        (error: unknown) => {
          why = `${base}: ${reasonOf(error)}`;
        },
      );
      if (response === undefined) continue;
      this.#preferred = at;
      const text = await response.text();
      if (response.status === 200) return JSON.parse(text);
      throw faultOf(
        response.status,
        `${method} ${base}${path}: ${response.status} ${text.slice(0, 300)}`,
        who,
      );
    }
    throw new Fault('LOAD_TARGET_FAILED', why);
  }
}

function requestOf(method: string, token: string | undefined, body: unknown): RequestInit {
  const headers: Record<string, string> = {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return { method, headers, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

function faultOf(status: number, detail: string, who: string): Fault {
  if (status === 401) return new Fault('CREDENTIALS_INVALID', who === '' ? detail : who);
  return new Fault(status === 403 ? 'PERMISSION_DENIED' : 'LOAD_TARGET_FAILED', detail);
}

function tokensIn(answer: unknown): Tokens {
  const { access_token, refresh_token, expires_in } = answer as {
    access_token: string;
    refresh_token?: string;
    expires_in: number;
  };
  return { access: access_token, refresh: refresh_token, expiresInSeconds: expires_in };
}

/** `fetch` says only that it failed: why is in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
