/** The day in figures: orders, fills, prices against the benchmark, positions, profit, refusals by rule. */
import { divideHalfEven, SCALE } from '../../core/values/fixed-point.ts';
import { type Amount, counted, shown, signed, worth } from './amounts.ts';
import type { Benchmark } from './benchmark.ts';
import type { Books, Fill } from './books.ts';
import type { Ledger } from './ledger.ts';
import type { MarketView } from './market-view.ts';
import type { Terminal } from './terminal.ts';

export interface Reported {
  readonly ledger: Ledger;
  readonly books: Books;
  readonly market: MarketView;
  /** Undefined where the market is made up: then the midpoints that were seen are the measure. */
  readonly benchmark: Benchmark | undefined;
}

export function printReport(terminal: Terminal, reported: Reported): void {
  printOrders(terminal, reported);
  printPrices(terminal, reported);
  printPositions(terminal, reported.books);
}

function printOrders(terminal: Terminal, { ledger, books }: Reported): void {
  const { orders, fills } = books;
  const words = new Map<string, number>();
  for (const { status } of orders) words.set(status, (words.get(status) ?? 0) + 1);
  const commonFirst = [...words].sort((a, b) => b[1] - a[1]);
  const statuses = commonFirst.map(([status, count]) => `${counted(count)} ${status}`).join(', ');
  terminal.row(
    'orders',
    `${counted(ledger.sent.length)} sent, ${counted(orders.length)} on record: ${statuses}`,
  );
  const traded = fills.reduce((sum, { price, quantity }) => sum + worth(price, quantity), 0n);
  const filled = new Set(fills.map(({ orderId }) => orderId)).size;
  terminal.row('fills', `${counted(fills.length)} in ${counted(filled)} orders, worth ${shown(traded)}`);
  terminal.row('styles', [...stylesOf(books)].join(', '));
  const refusals = [...ledger.refusalsByRule].map(([rule, count]) => `${rule} ${counted(count)}`);
  terminal.row('refusals', refusals.join(', ') || 'none');
}

/** How often each way of meeting the spread came to a trade: `maker 101 of 187 traded`. */
function* stylesOf({ orders }: Books): Generator<string> {
  const taken = orders.filter(({ status }) => status !== 'REJECTED');
  for (const strategy of new Set(taken.map((order) => order.strategy))) {
    const own = taken.filter((order) => order.strategy === strategy);
    const traded = own.filter(({ executed }) => executed > 0n);
    yield `${strategy} ${counted(traded.length)} of ${counted(own.length)} traded`;
  }
}

/** Days as New York counts them. */
const DAY = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', dateStyle: 'short' });

function printPrices(terminal: Terminal, { books, market, benchmark }: Reported): void {
  const groups = new Map<string, Fill[]>();
  for (const fill of books.fills) {
    const marketMs = benchmark === undefined ? undefined : market.marketMsAt(fill.atMs);
    const key = marketMs === undefined ? fill.symbol : `${DAY.format(marketMs)} ${fill.symbol}`;
    groups.set(key, [...(groups.get(key) ?? []), fill]);
  }
  const name = benchmark?.name ?? 'TWAP';
  terminal.row(
    'prices',
    `against the day's ${name}, plus is worse: ${benchmark?.says ?? 'the midpoints that were seen'}`,
  );
  for (const [key, fills] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const measure = benchmark?.priceOf(key.slice(0, 10)) ?? market.averageMidpoint(fills[0]?.symbol ?? '');
    const sides = (['BUY', 'SELL'] as const).map((side) => sideText(side, fills, measure));
    const against = measure === undefined ? '' : `${name} ${shown(measure, 4)}`;
    terminal.row('', [key, against, ...sides].filter((text) => text !== '').join('   '));
  }
}

/** `bought 1,200 at 167.8812 (+1.3 bp)`: a positive figure is worse than the measure, for either side. */
function sideText(side: 'BUY' | 'SELL', fills: readonly Fill[], measure: Amount | undefined): string {
  const own = fills.filter((fill) => fill.side === side);
  const quantity = own.reduce((sum, fill) => sum + fill.quantity, 0n);
  if (quantity === 0n) return '';
  const product = own.reduce((sum, fill) => sum + fill.price * fill.quantity, 0n);
  const average = divideHalfEven(product, quantity);
  const verb = side === 'BUY' ? 'bought' : 'sold';
  const text = `${verb} ${shown(quantity, quantity % SCALE === 0n ? 0 : 4)} at ${shown(average, 4)}`;
  if (measure === undefined || measure <= 0n) return text;
  const worse = side === 'BUY' ? average - measure : measure - average;
  return `${text} (${signed(divideHalfEven(worse * 10_000n * SCALE, measure))} bp)`;
}

function printPositions(terminal: Terminal, { positions, realised }: Books): void {
  terminal.row('positions', positions.length === 0 ? 'flat' : `${positions.length} held`);
  for (const { symbol, quantity, averagePrice, marketValue, unrealised } of positions) {
    const average = averagePrice === undefined ? '' : ` at ${shown(averagePrice, 4)}`;
    const held = `${shown(quantity, quantity % SCALE === 0n ? 0 : 4)}${average}, worth ${shown(marketValue)}`;
    terminal.row('', `${symbol.padEnd(8)} ${held}, unrealised ${signed(unrealised)}`);
  }
  const unrealised = positions.reduce((sum, position) => sum + position.unrealised, 0n);
  const total = `${signed(realised + unrealised)} in all`;
  terminal.row('profit', `realised ${signed(realised)}, unrealised ${signed(unrealised)}: ${total}`);
}
