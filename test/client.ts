/** A user at the HTTP door, for tests: logs in, asks, and reads the answers with all their numbers. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}
export interface Body {
  readonly [field: string]: unknown;
  readonly order_id: string;
  readonly correlation_id: string;
  readonly code: string;
}

const PASSWORDS: Readonly<Record<string, string>> = {
  trader1: 'trader123',
  risk1: 'risk123',
  compliance1: 'compliance123',
  admin: 'admin123',
};
const PATIENCE_MS = 20_000;

export interface OrderWords {
  readonly symbol?: string;
  readonly side?: 'BUY' | 'SELL';
  readonly type?: 'LIMIT' | 'MARKET';
  readonly quantity?: number | string;
  readonly price?: number | string;
  readonly strategy?: string;
  readonly client_order_id?: string;
}

export class Client {
  readonly user: string;
  /** Changes when the server comes back elsewhere. */
  url: string;
  readonly token: string;

  private constructor(url: string, user: string, token: string) {
    this.url = url;
    this.user = user;
    this.token = token;
  }

  static async login(url: string, user: string, password = PASSWORDS[user] ?? ''): Promise<Client> {
    const anyone = new Client(url, user, '');
    const { status, body } = await anyone.ask('POST', '/api/v1/auth/login', { username: user, password });
    if (status !== 200) throw new Error(`${user} may not log in: ${JSON.stringify(body)}`);
    return new Client(url, user, String(body.access_token));
  }

  /** One request, one answer. @throws TypeError or DOMException when none came */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { status, headers } = response;
    return { status, headers, body: (await response.json()) as Body };
  }

  /** The body of a 200. @throws Error for any other answer */
  async get(path: string): Promise<Body> {
    const { status, body } = await this.ask('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** A limit buy of 100 AAPL at 150, but for what `words` say. */
  place(words: OrderWords = {}): Promise<Answer> {
    const usual = { symbol: 'AAPL', side: 'BUY', quantity: 100 };
    const price = words.type === 'MARKET' ? {} : { price: 150 };
    return this.ask('POST', '/api/v1/orders', { ...usual, ...price, ...words });
  }

  cancel(orderId: string): Promise<Answer> {
    return this.ask('DELETE', `/api/v1/orders/${orderId}`);
  }

  /** Every order this user may see, page by page. */
  async orders(): Promise<readonly Body[]> {
    const all: Body[] = [];
    let cursor: unknown = null;
    do {
      const more = cursor === null ? '' : `&cursor=${encodeURIComponent(String(cursor))}`;
      const page = await this.get(`/api/v1/orders?limit=1000${more}`);
      all.push(...(page.orders as Body[]));
      cursor = page.next_cursor;
    } while (cursor !== null);
    return all;
  }

  /** The types of an order's events, oldest first. For those who may read the audit trail. */
  async chain(orderId: string): Promise<readonly string[]> {
    const trail = await this.get(`/api/v1/audit/order/${orderId}/trail`);
    return (trail.events as Body[]).map(({ event_type }) => String(event_type));
  }
}
