/** What a load asks beside its requests, over HTTP and one at a time: tokens, quotes, limits and lists of orders. */
import type { LookupFunction } from 'node:net';
import { Fault } from '../faults/fault.ts';
import { type Answered, exchange } from './exchange.ts';

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
  readonly #lookup: LookupFunction | undefined;
  #preferred = 0;

  /** `lookup`: where the names in `urls` lead to; undefined: wherever they do. */
  constructor(urls: readonly URL[], lookup?: LookupFunction) {
    this.#urls = urls;
    this.#lookup = lookup;
  }

  /** Where it asks first. */
  get address(): string {
    return baseOf(this.#urls[this.#preferred]);
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
    return limitsIn(await this.#ask('GET', '/api/v1/risk/limits', token));
  }

  /**
   * Resolves with those that hold now.
   * @throws Fault PERMISSION_DENIED: nothing was set; LOAD_TARGET_FAILED: nobody knows, or not every shard has them
   */
  async setLimits(token: string, limits: Limits): Promise<Limits> {
    const reason = '?reason=itirp+load';
    return limitsIn(await this.#ask('PUT', `/api/v1/risk/limits${reason}`, token, limits));
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
      const base = baseOf(this.#urls[at]);
      let response: Answered;
      try {
        const headers = headersOf(token, body);
        const words = body === undefined ? undefined : JSON.stringify(body);
        const asked = { method, headers, body: words, patienceMs: PATIENCE_MS, lookup: this.#lookup };
        response = await exchange(`${base}${path}`, asked);
      } catch (error) {
        why = `${base}: ${reasonOf(error)}`;
        continue;
      }
      this.#preferred = at;
      const { status, text } = response;
      if (status === 200) return JSON.parse(text);
      throw faultOf(status, `${method} ${base}${path}: ${status} ${text.slice(0, 300)}`, who);
    }
    throw new Fault('LOAD_TARGET_FAILED', why);
  }
}

const baseOf = (url: URL | undefined): string => url?.href.replace(/\/+$/, '') ?? '';

function headersOf(token: string | undefined, body: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return headers;
}

function faultOf(status: number, detail: string, who: string): Fault {
  if (status === 401) return new Fault('CREDENTIALS_INVALID', who === '' ? detail : who);
  return new Fault(status === 403 ? 'PERMISSION_DENIED' : 'LOAD_TARGET_FAILED', detail);
}

/** Only the four: the kill switch beside them is nobody's business here. */
function limitsIn(answer: unknown): Limits {
  const { max_position_size, max_daily_volume, max_net_exposure, max_gross_exposure } = answer as Limits;
  return { max_position_size, max_daily_volume, max_net_exposure, max_gross_exposure };
}

function tokensIn(answer: unknown): Tokens {
  const { access_token, refresh_token, expires_in } = answer as {
    access_token: string;
    refresh_token?: string;
    expires_in: number;
  };
  return { access: access_token, refresh: refresh_token, expiresInSeconds: expires_in };
}

/** Of several addresses that were tried Node says only that none did: why is in the first. */
function reasonOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { message, cause } = first as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
