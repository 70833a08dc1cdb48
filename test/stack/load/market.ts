/** What traders know of the market: the newest quotes, asked for now and then, and prices around them. */
import type { Dice } from '../../dice.ts';
import type { PlaceAsk } from '../history/record.ts';

interface Quote {
  readonly symbol: string;
  readonly bid: number;
  readonly ask: number;
}

/** All on a tick of a cent and a lot of one. */
const SYMBOLS = ['AAPL', 'MSFT', 'GOOGL', 'TSLA', 'AMZN', 'NVDA'] as const;
const CENT = 100;
const REFRESH_MS = 1_000;

export type Words = Pick<PlaceAsk, 'symbol' | 'side' | 'type' | 'quantity' | 'price'>;

export class MarketWatch {
  readonly #url: string;
  readonly #token: string;
  #quotes: readonly Quote[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Resolves when there is a quote to trade at. @throws Error when none came */
  async start(): Promise<void> {
    await this.#refresh();
    if (this.#quotes.length === 0) throw new Error('no market to trade in');
    this.#timer = setInterval(() => void this.#refresh().catch(() => undefined), REFRESH_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** An order that may trade at once, trade later, rest, or be too large: as the dice fall. */
  words(dice: Dice): Words {
    const quote = this.#quotes[dice.whole(0, this.#quotes.length)];
    if (quote === undefined) throw new Error('no market to trade in');
    const side = dice.one(['BUY', 'SELL'] as const);
    const quantity = String(dice.one([1, 5, 10, 50, 100, 100, 200]));
    const common = { symbol: quote.symbol, side, quantity };
    if (dice.chance(0.15)) return { ...common, type: 'MARKET', price: undefined };
    const touch = side === 'BUY' ? quote.ask : quote.bid;
    const away = dice.whole(-4, 5) * (side === 'BUY' ? -1 : 1); // cents; negative: through the touch
    return { ...common, type: 'LIMIT', price: ((Math.round(touch * CENT) + away) / CENT).toFixed(2) };
  }

  /** What was known before stays known while nobody answers. */
  async #refresh(): Promise<void> {
    const response = await fetch(`${this.#url}/api/v1/market/quotes`, {
      headers: { authorization: `Bearer ${this.#token}` },
      signal: AbortSignal.timeout(2_000),
    });
    if (response.status !== 200) return;
    const { quotes } = (await response.json()) as { quotes: readonly Quote[] };
    const known = quotes.filter(({ symbol, bid }) => bid > 1 && SYMBOLS.some((one) => one === symbol));
    if (known.length > 0) this.#quotes = known;
  }
}
