/** Exposures and positions of the firm. */
import type { FastifyInstance } from 'fastify';
import type { FirmPosition } from '../../../core/positions/book.ts';
import { unrealisedOf } from '../../../core/positions/holding.ts';
import type { RiskMetrics } from '../../../core/risk/metrics.ts';
import { type Price, type Product, productOf } from '../../../core/values/fixed-point.ts';
import { amountJson, exactJson } from '../../../protocol/exact-json.ts';
import { problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import type { HttpDeps } from '../deps.ts';
import type { Freshness } from '../freshness.ts';
import { principalOf } from '../requests.ts';

const tags = ['risk'];

export function riskRoutes(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  const { firm } = deps;
  const refusals = problems(401, 403, 429, 503);
  app.get(
    '/api/v1/risk/metrics',
    {
      schema: {
        tags,
        summary: 'Exposures of the firm',
        response: { 200: refTo('RiskMetrics'), ...refusals },
      },
      config: { access: 'ReadRisk' },
    },
    async (request) => wireMetrics(await firm.metrics(await freshness.owedTo(principalOf(request).user))),
  );
  app.get(
    '/api/v1/risk/positions',
    {
      schema: { tags, summary: 'Positions of the firm', response: { 200: refTo('Positions'), ...refusals } },
      config: { access: 'ReadRisk' },
    },
    async (request) =>
      wirePositions(await firm.positions(await freshness.owedTo(principalOf(request).user)), deps),
  );
}

/** As `/risk/metrics` and `/metrics` show it. */
export const wireMetrics = (metrics: RiskMetrics) => ({
  net_exposure: amountJson(metrics.netExposure),
  gross_exposure: amountJson(metrics.grossExposure),
  daily_volume: amountJson(metrics.dailyVolume),
  total_positions: metrics.totalPositions,
  largest_position: amountJson(metrics.largestPosition),
  kill_switch_active: metrics.isKillSwitchEngaged,
});

function wirePositions(positions: readonly FirmPosition[], { quotes }: HttpDeps) {
  const held = positions.filter(({ units }) => units !== 0n);
  const realised = positions.reduce((sum, position) => sum + position.realised, 0n) as Product;
  return {
    positions: held.map((position) => wirePosition(position, quotes.sample(position.ticker)?.mark)),
    total_positions: held.length,
    realized_pnl: amountJson(realised),
  };
}

/** Valued at the live midpoint, else at the mark that the core last sampled. */
function wirePosition(position: FirmPosition, live: Price | undefined) {
  const mark = live ?? position.mark;
  return {
    symbol: position.ticker,
    quantity: exactJson(position.units),
    average_price: exactJson(position.averagePrice),
    market_value: amountJson(productOf(mark, position.units)),
    unrealized_pnl: amountJson(unrealisedOf(position, mark)),
    realized_pnl: amountJson(position.realised),
  };
}
