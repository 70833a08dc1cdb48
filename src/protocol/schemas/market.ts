/** The market on the v1 wire: what an order would meet now. */
import { Type } from 'typebox';
import { Exact, refTo, Timestamp } from './vocabulary.ts';

export const MarketQuote = Type.Object(
  {
    symbol: Type.String(),
    bid: Exact(),
    ask: Exact(),
    bid_size: Exact(),
    ask_size: Exact(),
    tick_size: Exact({ description: 'Prices are whole multiples of it' }),
    lot_size: Exact({ description: 'Quantities are whole multiples of it' }),
    timestamp: Timestamp,
    is_fresh: Type.Boolean({ description: 'Young enough to price a market order' }),
  },
  { $id: 'Quote' },
);

export const MarketQuotes = Type.Object(
  {
    quotes: Type.Array(refTo('Quote'), { description: 'Every listed instrument that was ever quoted' }),
    market_time: Type.Union([Timestamp, Type.Null()], {
      description: 'The recorded instant that is being played; null where the market is live or made up',
    }),
  },
  { $id: 'Quotes' },
);
