/** A shard's view as text for Redis and SQL: exact decimals as strings, under a version of its own. */
import type { FirmPosition } from '../core/positions/book.ts';
import type { Limits } from '../core/risk/limits.ts';
import type { RiskMetrics } from '../core/risk/metrics.ts';
import { formatFixed, type Notional, PLACES, type Price, type Product } from '../core/values/fixed-point.ts';
import type { Micros, Position, Ticker } from '../core/values/names.ts';
import { formatProduct, PRODUCT_PLACES, parseDecimal } from '../protocol/decimal-text.ts';
import type { ShardView } from './shard-view.ts';

/** Raised when a reader of the version before would read it wrongly. */
const VERSION = 1;

type Json = Readonly<Record<string, unknown>>;

export const encodeView = (view: ShardView): string =>
  JSON.stringify({
    version: VERSION,
    shard: view.shard,
    epoch: view.epoch,
    position: view.position,
    at: view.at,
    is_open: view.isOpen,
    limits: {
      max_position_size: formatFixed(view.limits.positionMax),
      max_daily_volume: formatFixed(view.limits.dailyVolumeMax),
      max_net_exposure: formatFixed(view.limits.netExposureMax),
      max_gross_exposure: formatFixed(view.limits.grossExposureMax),
    },
    metrics: {
      net_exposure: formatProduct(view.metrics.netExposure),
      gross_exposure: formatProduct(view.metrics.grossExposure),
      daily_volume: formatProduct(view.metrics.dailyVolume),
      total_positions: view.metrics.totalPositions,
      largest_position: formatProduct(view.metrics.largestPosition),
      kill_switch_active: view.metrics.isKillSwitchEngaged,
    },
    positions: view.positions.map((position) => ({
      symbol: position.ticker,
      quantity: formatFixed(position.units),
      cost: formatProduct(position.cost),
      realised: formatProduct(position.realised),
      average_price: position.averagePrice === undefined ? null : formatFixed(position.averagePrice),
      mark: formatFixed(position.mark),
    })),
  });

/** Undefined: the text is no view, or one of a version that this program does not know. */
export function decodeView(text: string): ShardView | undefined {
  try {
    const json = objectOf(JSON.parse(text));
    return json.version === VERSION ? viewOf(json) : undefined;
  } catch {
    return undefined;
  }
}

const viewOf = (json: Json): ShardView => ({
  shard: textOf(json.shard),
  epoch: countOf(json.epoch),
  position: countOf(json.position) as Position,
  at: countOf(json.at) as Micros,
  isOpen: flagOf(json.is_open),
  limits: limitsOf(objectOf(json.limits)),
  metrics: metricsOf(objectOf(json.metrics)),
  positions: listOf(json.positions).map((position) => positionOf(objectOf(position))),
});

const limitsOf = (json: Json): Limits => ({
  positionMax: fixedOf(json.max_position_size) as Notional,
  dailyVolumeMax: fixedOf(json.max_daily_volume) as Notional,
  netExposureMax: fixedOf(json.max_net_exposure) as Notional,
  grossExposureMax: fixedOf(json.max_gross_exposure) as Notional,
});

const metricsOf = (json: Json): RiskMetrics => ({
  netExposure: productOf(json.net_exposure),
  grossExposure: productOf(json.gross_exposure),
  dailyVolume: productOf(json.daily_volume),
  totalPositions: countOf(json.total_positions),
  largestPosition: productOf(json.largest_position),
  isKillSwitchEngaged: flagOf(json.kill_switch_active),
});

const positionOf = (json: Json): FirmPosition => ({
  ticker: textOf(json.symbol) as Ticker,
  units: fixedOf(json.quantity),
  cost: productOf(json.cost),
  realised: productOf(json.realised),
  averagePrice: json.average_price === null ? undefined : (fixedOf(json.average_price) as Price),
  mark: fixedOf(json.mark) as Price,
});

const fixedOf = (value: unknown): bigint => parseDecimal(textOf(value), PLACES);
const productOf = (value: unknown): Product => parseDecimal(textOf(value), PRODUCT_PLACES) as Product;

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text');
  return value;
}
function countOf(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new TypeError('not a whole number');
  return value as number;
}
function flagOf(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError('not a flag');
  return value;
}
function objectOf(value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object');
  return value as Json;
}
function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('not a list');
  return value;
}
