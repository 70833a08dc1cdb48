/** The quiet parts of the day: four traders at their own pace, and a line on how the desk stands. */
import { setTimeout as sleep } from 'node:timers/promises';
import { amountOf, counted, shown, signed } from './amounts.ts';
import { resolveUnheard, type Stage, send, type Trader } from './stage.ts';
import { intentOf } from './traders.ts';

const STATUS_EVERY_MS = 5_000;
/** A patient trader cancels the oldest of so many. */
const RESTING_MAX = 6;

/** Lets everyone trade for `ms`. */
export async function trade(stage: Stage, ms: number): Promise<void> {
  const until = performance.now() + ms;
  const isOpen = (): boolean => performance.now() < until && !stage.signal.aborted;
  await Promise.all([
    ...stage.traders.map((trader) => tradeAlone(stage, trader, isOpen)),
    reportRegularly(stage, isOpen),
  ]);
  stage.signal.throwIfAborted();
  await resolveUnheard(stage);
}

async function tradeAlone(stage: Stage, trader: Trader, isOpen: () => boolean): Promise<void> {
  const { character, dice, resting } = trader;
  while (isOpen()) {
    await sleep(120 + dice.below(280), undefined, { signal: stage.signal });
    const symbol = stage.symbols[dice.below(stage.symbols.length)];
    const quote = stage.market.latest(symbol ?? '');
    if (quote === undefined) continue;
    await send(stage, trader, intentOf(character, quote, dice));
    const oldest = resting.length > RESTING_MAX ? resting.shift() : undefined;
    if (oldest !== undefined && character.style !== 'taker') await trader.client.cancel(oldest);
  }
}

async function reportRegularly(stage: Stage, isOpen: () => boolean): Promise<void> {
  await sleep(STATUS_EVERY_MS / 2, undefined, { signal: stage.signal });
  while (isOpen()) {
    stage.terminal.say(await statusLine(stage));
    await sleep(STATUS_EVERY_MS, undefined, { signal: stage.signal });
  }
}

/** When it is, where the market is, and how the desk stands. */
export async function statusLine({ market, symbols, riskManager }: Stage): Promise<string> {
  const [metrics, held] = await Promise.all([
    riskManager.get('/api/v1/metrics'),
    riskManager.get('/api/v1/risk/positions'),
  ]);
  const positions = held.positions as readonly Record<string, unknown>[];
  const unrealised = positions.reduce((sum, row) => sum + amountOf(row.unrealized_pnl), 0n);
  const profit = amountOf(held.realized_pnl) + unrealised;
  const risk = metrics.risk_metrics as Record<string, unknown>;
  const parts = [
    clockOf(market.nowMs),
    ...symbols.slice(0, 1).map((symbol) => quoteText(market, symbol)),
    `orders ${counted(Number(metrics.total_orders))}`,
    `volume ${shown(amountOf(risk.daily_volume), 0)} USD`,
    `net ${shown(amountOf(risk.net_exposure), 0)} USD`,
    `P&L ${signed(profit)}`,
  ];
  return parts.filter((part) => part !== '').join('   ');
}

function quoteText(market: Stage['market'], symbol: string): string {
  const quote = market.latest(symbol);
  return quote === undefined ? '' : `${symbol} ${shown(quote.bid)}/${shown(quote.ask)}`;
}

const NEW_YORK = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'America/New_York',
  weekday: 'short',
  day: '2-digit',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** The recorded instant in New York; nothing where the market is made up. */
export const clockOf = (marketMs: number | undefined): string =>
  marketMs === undefined ? '' : NEW_YORK.format(marketMs);
