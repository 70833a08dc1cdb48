/** The market as a client of the server sees it: the newest quotes, and which recorded instant they belong to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Amount, amountOf } from './amounts.ts';
import type { ApiClient } from './api-client.ts';

const POLL_MS = 60;

export interface SeenQuote {
  readonly symbol: string;
  readonly bid: Amount;
  readonly ask: Amount;
  readonly tick: Amount;
  readonly lot: Amount;
}

/** The server's clock and the recording's, read at one moment; both in milliseconds since 1970. */
interface Instant {
  readonly serverMs: number;
  readonly marketMs: number;
}

export class MarketView {
  readonly #client: ApiClient;
  readonly #quotes = new Map<string, SeenQuote>();
  readonly #midpoints = new Map<string, { sum: Amount; count: bigint }>();
  readonly #instants: Instant[] = [];

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Looks at the market again and again until told to stop. A server that is down is looked for again. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look().catch(() => {});
      await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    }
  }

  latest(symbol: string): SeenQuote | undefined {
    return this.#quotes.get(symbol);
  }

  get symbols(): readonly string[] {
    return [...this.#quotes.keys()];
  }

  /** The recorded instant of the newest quotes, ms since 1970; undefined where the market is live or made up. */
  get nowMs(): number | undefined {
    return this.#instants.at(-1)?.marketMs;
  }

  /** The recorded instant that was played when the server's clock stood at `serverMs`. */
  marketMsAt(serverMs: number): number | undefined {
    const after = this.#instants.findIndex((instant) => instant.serverMs > serverMs);
    return (after < 0 ? this.#instants.at(-1) : this.#instants[Math.max(0, after - 1)])?.marketMs;
  }

  /** The average of the midpoints seen, all looks weighing alike: a time-weighted average price. */
  averageMidpoint(symbol: string): Amount | undefined {
    const seen = this.#midpoints.get(symbol);
    return seen === undefined ? undefined : seen.sum / seen.count;
  }

  async #look(): Promise<void> {
    const { quotes, market_time: marketTime } = await this.#client.get('/api/v1/market/quotes');
    if (!Array.isArray(quotes)) return;
    let serverMs = 0;
    for (const row of quotes as readonly Record<string, unknown>[]) {
      const symbol = String(row.symbol);
      const quote = {
        symbol,
        bid: amountOf(row.bid),
        ask: amountOf(row.ask),
        tick: amountOf(row.tick_size),
        lot: amountOf(row.lot_size),
      };
      this.#quotes.set(symbol, quote);
      serverMs = Math.max(serverMs, Date.parse(String(row.timestamp)));
      const { sum, count } = this.#midpoints.get(symbol) ?? { sum: 0n, count: 0n };
      this.#midpoints.set(symbol, { sum: sum + (quote.bid + quote.ask) / 2n, count: count + 1n });
    }
    if (typeof marketTime === 'string') this.#instants.push({ serverMs, marketMs: Date.parse(marketTime) });
  }
}
