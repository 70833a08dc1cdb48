/** Limits, the kill switch, exposures and positions. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type FirmPosition, positionsOf } from '../../../core/positions/book.ts';
import { unrealisedOf } from '../../../core/positions/holding.ts';
import type { Limits } from '../../../core/risk/limits.ts';
import { type RiskMetrics, riskMetricsOf } from '../../../core/risk/metrics.ts';
import { type Notional, type Price, type Product, productOf } from '../../../core/values/fixed-point.ts';
import { Fault } from '../../../faults/fault.ts';
import type { Committed } from '../../../journal/entry.ts';
import { amountJson, exactJson } from '../../../protocol/exact-json.ts';
import { type DecimalInput, readDecimal } from '../../../protocol/exact-number.ts';
import { FieldFault } from '../../../protocol/field-fault.ts';
import { queryBoolean } from '../../../protocol/keywords.ts';
import { KillSwitchQuery, ReasonQuery, type RiskLimitsRequest } from '../../../protocol/schemas/risk.ts';
import { BODY_PROBLEMS, problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import { wireTime } from '../../../protocol/times.ts';
import type { HttpDeps } from '../deps.ts';
import { attributionOf, principalOf } from '../requests.ts';

const tags = ['risk'];

export function riskRoutes(app: FastifyInstance, deps: HttpDeps): void {
  routeLimits(app, deps);
  routeKillSwitch(app, deps);
  routeViews(app, deps);
}

function routeLimits(app: FastifyInstance, deps: HttpDeps): void {
  const response = (...own: readonly number[]) => ({
    200: refTo('RiskLimits'),
    ...problems(401, 403, ...own, 429, 503),
  });
  app.get(
    '/api/v1/risk/limits',
    {
      schema: { tags, summary: 'The limits in force', response: response() },
      config: { access: 'ReadLimits' },
    },
    () => limitsInForce(deps),
  );
  const schema = {
    tags,
    summary: 'Set the limits; what is left out takes its default',
    body: refTo('RiskLimitsRequest'),
    querystring: ReasonQuery,
    response: response(...BODY_PROBLEMS),
  };
  app.put<{ Body: RiskLimitsRequest; Querystring: ReasonQuery }>(
    '/api/v1/risk/limits',
    { schema, config: { access: 'SetLimits' } },
    async (request) => {
      const isEngaging = request.body.kill_switch_enabled;
      const { reason } = request.query;
      // Halted before and released after, so that no order meets the new limits in between.
      if (isEngaging === true) await setKillSwitch(deps, request, true, reason);
      const command = { type: 'SetLimits', limits: limitsOf(request.body) } as const;
      await deps.engine.submit(command, attributionOf(request, reason));
      if (isEngaging === false) await setKillSwitch(deps, request, false, reason);
      return limitsInForce(deps);
    },
  );
}

function routeKillSwitch(app: FastifyInstance, deps: HttpDeps): void {
  const schema = {
    tags,
    summary: 'Halt all trading, or release it',
    querystring: KillSwitchQuery,
    response: { 200: refTo('KillSwitchAnswer'), ...problems(401, 403, 422, 429, 503) },
  };
  app.post<{ Querystring: KillSwitchQuery }>(
    '/api/v1/risk/kill-switch',
    { schema, config: { access: 'EngageKillSwitch' } },
    async (request) => {
      const isEngaging = queryBoolean(request.query.enabled) === true;
      const { at } = await setKillSwitch(deps, request, isEngaging, request.query.reason);
      return {
        kill_switch_enabled: isEngaging,
        message: isEngaging ? 'Kill switch activated' : 'Kill switch deactivated',
        timestamp: wireTime(at),
      };
    },
  );
}

/** @throws Fault PERMISSION_DENIED: the caller may engage, but not release */
async function setKillSwitch(
  { engine, log }: HttpDeps,
  request: FastifyRequest,
  isEngaging: boolean,
  reason: string | undefined,
): Promise<Committed> {
  const { permissions, user } = principalOf(request);
  if (!isEngaging && !permissions.has('ReleaseKillSwitch')) throw new Fault('PERMISSION_DENIED');
  const command = { type: isEngaging ? 'EngageKillSwitch' : 'ReleaseKillSwitch' } as const;
  const committed = await engine.submit(command, attributionOf(request, reason));
  log.warn({ correlationId: request.id, user, isEngaging, reason }, 'kill switch set');
  return committed;
}

function limitsOf(body: RiskLimitsRequest): Limits {
  return {
    positionMax: limitOf('max_position_size', body.max_position_size),
    dailyVolumeMax: limitOf('max_daily_volume', body.max_daily_volume),
    netExposureMax: limitOf('max_net_exposure', body.max_net_exposure),
    grossExposureMax: limitOf('max_gross_exposure', body.max_gross_exposure),
  };
}

/** The schema has put the default in and refused what is no decimal. */
function limitOf(field: string, input: DecimalInput | undefined): Notional {
  const value = readDecimal(input);
  if (typeof value === 'bigint') return value as Notional;
  throw new FieldFault([{ field, message: value }]);
}

async function limitsInForce({ engine }: HttpDeps) {
  const { limits, isEngaged } = await engine.read((state) => ({
    limits: state.firm.limits,
    isEngaged: state.isKillSwitchEngaged,
  }));
  return {
    max_position_size: exactJson(limits.positionMax),
    max_daily_volume: exactJson(limits.dailyVolumeMax),
    max_net_exposure: exactJson(limits.netExposureMax),
    max_gross_exposure: exactJson(limits.grossExposureMax),
    kill_switch_enabled: isEngaged,
  };
}

function routeViews(app: FastifyInstance, deps: HttpDeps): void {
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
    async () => wireMetrics(await deps.engine.read(riskMetricsOf)),
  );
  app.get(
    '/api/v1/risk/positions',
    {
      schema: { tags, summary: 'Positions of the firm', response: { 200: refTo('Positions'), ...refusals } },
      config: { access: 'ReadRisk' },
    },
    async () => wirePositions(await deps.engine.read(positionsOf), deps),
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
