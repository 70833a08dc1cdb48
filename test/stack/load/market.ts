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
/** Only ever bought: its position stands at the limit before long, and every order there is a close decision. */
const BRINK = 'QQQ';
const BRINK_PART = 0.06;
/** Worth of what a trader has sent in one symbol, one side less the other, above which he turns round. */
const DRIFT_MAX = 200_000;
const CENT = 100;
const REFRESH_MS = 1_000;

export type Words = Pick<PlaceAsk, 'symbol' | 'side' | 'type' | 'quantity' | 'price'>;

export class MarketWatch {
  readonly #url: string;
  readonly #token: string;
  #quotes: readonly Quote[] = [];
  #brink: Quote | undefined;
  /** By user and symbol: worth of buys less that of sells. */
  readonly #drift = new Map<string, number>();
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

  /** An order of `user` that may trade at once, trade later, rest, or be over a limit: as the dice fall. */
  words(user: string, dice: Dice): Words {
    if (this.#brink !== undefined && dice.chance(BRINK_PART)) {
      const { symbol, ask } = this.#brink;
      const quantity = String(dice.one([100, 200, 500]));
      return { symbol, side: 'BUY', type: 'LIMIT', quantity, price: priceText(ask, dice.whole(-20, 2)) };
    }
    const quote = this.#quotes[dice.whole(0, this.#quotes.length)];
    if (quote === undefined) throw new Error('no market to trade in');
    const units = dice.one([1, 5, 10, 50, 100, 100, 200]);
    const side = this.#sideOf(user, quote, units, dice);
    const common = { symbol: quote.symbol, side, quantity: String(units) };
    if (dice.chance(0.15)) return { ...common, type: 'MARKET', price: undefined };
    const touch = side === 'BUY' ? quote.ask : quote.bid;
    const through = dice.whole(-3, 5); // cents beyond the touch; negative: it rests for a while
    return { ...common, type: 'LIMIT', price: priceText(touch, side === 'BUY' ? through : -through) };
  }

  /** Either, unless that went one way for too long: what is held must not grow for ever. */
  #sideOf(user: string, { symbol, ask }: Quote, units: number, dice: Dice): 'BUY' | 'SELL' {
    const key = `${user} ${symbol}`;
    const drift = this.#drift.get(key) ?? 0;
    const either = dice.one(['BUY', 'SELL'] as const);
    const side = Math.abs(drift) < DRIFT_MAX ? either : drift > 0 ? 'SELL' : 'BUY';
    this.#drift.set(key, drift + (side === 'BUY' ? 1 : -1) * units * ask);
    return side;
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
    this.#brink = quotes.find(({ symbol, bid }) => bid > 1 && symbol === BRINK);
  }
}

const priceText = (touch: number, cents: number): string =>
  ((Math.round(touch * CENT) + cents) / CENT).toFixed(2);
