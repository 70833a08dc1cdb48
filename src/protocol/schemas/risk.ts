/** Limits, kill switch, exposures and positions on the v1 wire. */
import { type Static, Type } from 'typebox';
import { DEFAULT_LIMITS } from '../../core/risk/limits.ts';
import { formatFixed, type Notional } from '../../core/values/fixed-point.ts';
import { Decimal, QueryBoolean } from '../keywords.ts';
import { Exact, ExactOrNull, printable, refTo, Timestamp } from './vocabulary.ts';

export const RiskMetrics = Type.Object(
  {
    net_exposure: Exact({ description: 'What is held, shorts against longs, at the last marks' }),
    gross_exposure: Exact({ description: 'What is held, shorts and longs together' }),
    daily_volume: Exact({ description: 'Executed today plus working' }),
    total_positions: Type.Integer({ description: 'Instruments held' }),
    largest_position: Exact({ description: 'The largest single holding, without its sign' }),
    kill_switch_active: Type.Boolean(),
  },
  { $id: 'RiskMetrics' },
);

const limits = {
  max_position_size: Exact(),
  max_daily_volume: Exact(),
  max_net_exposure: Exact(),
  max_gross_exposure: Exact(),
  kill_switch_enabled: Type.Boolean({ description: 'Of the firm: every shard has it' }),
};

export const RiskLimits = Type.Object(
  {
    ...limits,
    shards: Type.Optional(
      Type.Array(Type.Object({ shard: Type.String(), ...limits, at: Timestamp }), {
        description: 'The shares of each, where there are several shards',
      }),
    ),
  },
  { $id: 'RiskLimits' },
);

/** What became of a command in each shard. */
const shards = Type.Optional(
  Type.Array(
    Type.Object({
      shard: Type.String(),
      applied: Type.Boolean(),
      at: Type.Union([Timestamp, Type.Null()]),
      reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it is not known to be applied' }),
    }),
    { description: 'Where there are several shards, or the one did not answer in time' },
  ),
);

export const RiskLimitsAnswer = Type.Object({ ...limits, shards }, { $id: 'RiskLimitsAnswer' });

/** A limit that may be left out for its default, a whole amount. */
const limit = (fallback: Notional) =>
  Type.Optional(Decimal('notNegative', { default: Number(formatFixed(fallback)) }));

export const RiskLimitsRequest = Type.Object(
  {
    max_position_size: limit(DEFAULT_LIMITS.positionMax),
    max_daily_volume: limit(DEFAULT_LIMITS.dailyVolumeMax),
    max_net_exposure: limit(DEFAULT_LIMITS.netExposureMax),
    max_gross_exposure: limit(DEFAULT_LIMITS.grossExposureMax),
    kill_switch_enabled: Type.Optional(
      Type.Boolean({ description: 'Engages or releases; left out, the switch stays as it is' }),
    ),
  },
  { $id: 'RiskLimitsRequest', additionalProperties: false },
);
export type RiskLimitsRequest = Static<typeof RiskLimitsRequest>;

/** Why someone does what will be read in the audit trail. */
const Reason = printable(200, { description: 'Kept in the audit trail' });

export const ReasonQuery = Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false });
export type ReasonQuery = Static<typeof ReasonQuery>;

export const KillSwitchQuery = Type.Object(
  {
    enabled: QueryBoolean({ description: 'true engages: no order from then on; false releases' }),
    reason: Type.Optional(Reason),
  },
  { additionalProperties: false },
);
export type KillSwitchQuery = Static<typeof KillSwitchQuery>;

export const KillSwitchAnswer = Type.Object(
  {
    kill_switch_enabled: Type.Boolean({ description: 'Of the firm: every shard has it' }),
    message: Type.String(),
    timestamp: Timestamp,
    shards,
    halted_everywhere: Type.Optional(Type.Boolean()),
  },
  { $id: 'KillSwitchAnswer' },
);

export const Position = Type.Object(
  {
    symbol: Type.String(),
    quantity: Exact({ description: 'Signed: long is positive' }),
    average_price: ExactOrNull({ description: 'null when flat, and where accounts hold both sides' }),
    market_value: Exact({ description: 'At the live midpoint, else at the last mark' }),
    unrealized_pnl: Exact(),
    realized_pnl: Exact(),
  },
  { $id: 'Position' },
);

export const Positions = Type.Object(
  {
    positions: Type.Array(refTo('Position'), { description: 'What is held now' }),
    total_positions: Type.Integer(),
    realized_pnl: Exact({ description: 'Of everything ever closed, also of what is flat now' }),
  },
  { $id: 'Positions' },
);
