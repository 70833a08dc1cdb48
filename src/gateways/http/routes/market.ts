/** Quotes: what an order would meet now. */
import type { FastifyInstance } from 'fastify';
import type { Instrument } from '../../../core/instruments/instrument.ts';
import { exactJson } from '../../../protocol/exact-json.ts';
import { problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import { wireTime } from '../../../protocol/times.ts';
import type { HttpDeps } from '../deps.ts';

export function marketRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const schema = {
    tags: ['market'],
    summary: 'The newest quotes',
    response: { 200: refTo('Quotes'), ...problems(401, 403, 429, 503) },
  };
  app.get('/api/v1/market/quotes', { schema, config: { access: 'ReadRisk' } }, async () => {
    const instruments = await deps.firm.instruments();
    const at = deps.marketTime();
    return {
      quotes: instruments.flatMap((instrument) => wireQuote(instrument, deps) ?? []),
      market_time: at === undefined ? null : wireTime(at),
    };
  });
}

function wireQuote({ ticker, tickSize, lotSize }: Instrument, { quotes }: HttpDeps) {
  const quote = quotes.latest(ticker);
  if (quote === undefined) return undefined;
  return {
    symbol: ticker,
    bid: exactJson(quote.bid),
    ask: exactJson(quote.ask),
    bid_size: exactJson(quote.bidSize),
    ask_size: exactJson(quote.askSize),
    tick_size: exactJson(tickSize),
    lot_size: exactJson(lotSize),
    timestamp: wireTime(quote.at),
    is_fresh: quotes.sample(ticker)?.isFresh ?? false,
  };
}
