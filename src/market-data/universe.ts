/** What is listed by default, and how each instrument's market looks where no real one is fed in. */
import { BASE_CURRENCY, type Instrument } from '../core/instruments/instrument.ts';
import { type Price, price, type Quantity, quantity } from '../core/values/fixed-point.ts';
import type { Ticker } from '../core/values/names.ts';

/** An instrument and the shape of its made-up market. */
export interface Listing {
  readonly instrument: Instrument;
  /** Where the walk starts; a whole number of ticks. */
  readonly startPrice: Price;
  /** Standard deviation of a year's return, as a fraction: 0.25 is 25 %. A double, for the dice alone. */
  readonly volatility: number;
  /** The usual distance from bid to ask, in ticks. */
  readonly spreadTicks: number;
  /** The usual size shown on a side; a whole number of lots. */
  readonly size: Quantity;
}

interface Steps {
  readonly tick: string;
  readonly lot: string;
}
const EQUITY: Steps = { tick: '0.01', lot: '1' };
/** One unit is one euro, priced in dollars to a tenth of a pip. */
const CURRENCY_PAIR: Steps = { tick: '0.00001', lot: '1' };
/** One lot is one satoshi. */
const COIN: Steps = { tick: '0.01', lot: '0.00000001' };

function listing(
  ticker: string,
  steps: Steps,
  startPrice: string,
  volatility: number,
  spreadTicks: number,
  size: string,
): Listing {
  return {
    instrument: {
      ticker: ticker as Ticker,
      currency: BASE_CURRENCY,
      tickSize: price(steps.tick),
      lotSize: quantity(steps.lot),
    },
    startPrice: price(startPrice),
    volatility,
    spreadTicks,
    size: quantity(size),
  };
}

export const UNIVERSE: readonly Listing[] = [
  listing('AAPL', EQUITY, '150.50', 0.28, 2, '800'),
  listing('MSFT', EQUITY, '410.00', 0.25, 4, '500'),
  listing('GOOGL', EQUITY, '140.00', 0.3, 2, '700'),
  listing('TSLA', EQUITY, '240.00', 0.55, 4, '600'),
  listing('AMZN', EQUITY, '175.00', 0.32, 2, '700'),
  listing('META', EQUITY, '480.00', 0.36, 6, '400'),
  listing('NVDA', EQUITY, '120.00', 0.5, 2, '1200'),
  listing('SPY', EQUITY, '520.00', 0.16, 1, '3000'),
  listing('QQQ', EQUITY, '445.00', 0.21, 1, '2000'),
  listing('IWM', EQUITY, '205.00', 0.22, 1, '1500'),
  listing('EURUSD', CURRENCY_PAIR, '1.08500', 0.07, 6, '1000000'),
  listing('BTCUSD', COIN, '62000.00', 0.6, 150, '1.5'),
];
