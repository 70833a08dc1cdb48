/** Used and reserved stay within the limits in force, at every position of every shard's journal. */
import type { Event, LimitsSet, OrderAccepted } from '../../../../src/core/events.ts';
import { evolve } from '../../../../src/core/evolve.ts';
import type { Limits } from '../../../../src/core/risk/limits.ts';
import { initialState } from '../../../../src/core/state.ts';
import { formatFixed, parseFixed, SCALE } from '../../../../src/core/values/fixed-point.ts';
import { askedAt, callsFor } from '../../history/record.ts';
import type { Evidence, ShardJournal } from '../evidence.ts';
import { type Facts, grouped } from '../facts.ts';
import { type Ends, type Figures, Reckoner } from '../reckoner.ts';
import { type Quota, type Verdict, verdictOf } from '../verdict.ts';

/** What the contract says is in force before anyone sets anything, in 1e-8. */
const FIRST_LIMITS: Readonly<Record<keyof Limits, bigint>> = {
  positionMax: 1_000_000n * SCALE,
  dailyVolumeMax: 10_000_000n * SCALE,
  netExposureMax: 5_000_000n * SCALE,
  grossExposureMax: 15_000_000n * SCALE,
};

interface Walk {
  readonly before: Figures;
  readonly after: Figures;
  readonly ends: Ends;
  readonly ceilings: Readonly<Record<keyof Limits, bigint>>;
}

/**
 * No accepted order brings its own side, the day's volume or the gross exposure over a limit; and between orders nothing
 * that is over a limit grows, but where the market or the limits themselves moved.
 */
export function limitsHold({ shards }: Evidence, quota: Quota): Verdict {
  const violations: string[] = [];
  const seen: number[] = [];
  for (const shard of shards) {
    const reckoner = new Reckoner();
    let ceilings = undivided(FIRST_LIMITS);
    for (const { event, at, moment } of eventsOf(shard)) {
      const before = reckoner.figures;
      const ticker = tickerOf(event, reckoner);
      try {
        reckoner.add(event);
      } catch (error) {
        violations.push(`${at}: ${(error as Error).message}`);
        break;
      }
      if (event.type === 'LimitsSet') ceilings = undivided(event.limits);
      const walk: Walk = { before, after: reckoner.figures, ends: reckoner.endsOf(ticker), ceilings };
      violations.push(...exceeded(event, walk).map((wrong) => `${at}: ${event.type} brings ${wrong}`));
      seen.push(moment);
    }
  }
  return verdictOf('used and reserved stay within the limits', seen, quota, violations);
}

function exceeded(event: Event, walk: Walk): readonly string[] {
  if (event.type === 'OrderAccepted') return exceededBy(event, walk);
  // The market moved, or the limits did: what was within them may be beyond them now, by nobody's order.
  if (event.type === 'MarksSampled' || event.type === 'LimitsSet') return [];
  const { before, after, ceilings } = walk;
  const mayFetchMore = event.type === 'OrderFilled'; // a sell, more than was reserved for it
  return [
    ...grown('net exposure', after.upmost, before.upmost, ceilings.netExposureMax),
    ...grown('net exposure', -after.downmost, -before.downmost, ceilings.netExposureMax),
    ...grown('gross exposure', after.worst, before.worst, ceilings.grossExposureMax),
    ...(mayFetchMore ? [] : grown('daily volume', after.volume, before.volume, ceilings.dailyVolumeMax)),
  ];
}

/** The order's own side of its instrument and of the whole book; the way out of a position stays open. */
function exceededBy({ order }: OrderAccepted, { before, after, ends, ceilings }: Walk): readonly string[] {
  const isBuy = order.side === 'BUY';
  return [
    ...over('position', isBuy ? ends.longest : -ends.shortest, ceilings.positionMax),
    ...over('net exposure', isBuy ? after.upmost : -after.downmost, ceilings.netExposureMax),
    ...over('daily volume', after.volume, ceilings.dailyVolumeMax),
    ...grown('gross exposure', after.worst, before.worst, ceilings.grossExposureMax),
  ];
}

const over = (what: string, amount: bigint, ceiling: bigint): readonly string[] =>
  amount <= ceiling ? [] : [`${what} to ${shown(amount)}, over ${shown(ceiling)}`];

const grown = (what: string, after: bigint, before: bigint, ceiling: bigint): readonly string[] =>
  after <= before ? [] : over(what, after, ceiling);

const shown = (product: bigint): string => formatFixed(product / SCALE);

const undivided = (limits: Readonly<Record<keyof Limits, bigint>>): Walk['ceilings'] => ({
  positionMax: limits.positionMax * SCALE,
  dailyVolumeMax: limits.dailyVolumeMax * SCALE,
  netExposureMax: limits.netExposureMax * SCALE,
  grossExposureMax: limits.grossExposureMax * SCALE,
});

/** The instrument an event is about, as far as one is moved by it. */
function tickerOf(event: Event, reckoner: Reckoner): string {
  if (event.type === 'OrderAccepted') return event.order.ticker;
  return 'orderId' in event ? (reckoner.tickerOf(event.orderId) ?? '') : '';
}

/** The core folds without a contradiction, and its risk tables come to what plain sums come to, at every position. */
export function coreReckonsAlike({ shards }: Evidence, quota: Quota): Verdict {
  const violations: string[] = [];
  const seen: number[] = [];
  for (const shard of shards) {
    const [state, reckoner] = [initialState(), new Reckoner()];
    for (const { event, at, moment } of eventsOf(shard)) {
      try {
        evolve(state, event);
        reckoner.add(event);
      } catch (error) {
        violations.push(`${at}: the facts do not fit together: ${(error as Error).message}`);
        break;
      }
      const ours = reckoner.figures;
      const { upmost, downmost, worst, volume } = state.firm;
      const wrong = Object.entries({ upmost, downmost, worst, volume }).filter(
        ([name, value]) => ours[name as keyof Figures] !== value,
      );
      violations.push(
        ...wrong.map(
          ([name, value]) => `${at}: ${name} is ${value}, and ${ours[name as keyof Figures]} by plain sums`,
        ),
      );
      seen.push(moment);
      if (wrong.length > 0) break; // all that follows would be wrong too
    }
  }
  return verdictOf('the core reckons as plain sums do', seen, quota, violations);
}

/** Limits that were acknowledged are in force in every shard, in shares that do not come to more than the firm's. */
export function limitsAreShared({ calls, shards }: Evidence, facts: Facts, quota: Quota): Verdict {
  const set = grouped(facts.of('LimitsSet'), ({ correlationId }) => correlationId);
  const done = callsFor(calls, 'limits').filter(({ phase }) => phase === 'ok');
  const violations = done.flatMap(({ call, correlationId, ask }) => {
    const found = set.get(correlationId) ?? [];
    const reached = new Set(found.map(({ shard }) => shard));
    const missed = shards.filter(({ shard }) => !reached.has(shard)).map(({ shard }) => shard);
    if (missed.length > 0) return [`call ${call}: limits acknowledged, and not set in ${missed.join(', ')}`];
    return Object.entries(WIRE_NAMES).flatMap(([wire, name]) => {
      const asked = parseFixed(ask.limits[wire] ?? '');
      const sum = found.reduce((total, { event }) => total + limitOf(event, name), 0n);
      if (typeof asked !== 'bigint' || sum <= asked) return [];
      return [`call ${call}: ${wire} is ${ask.limits[wire]}, and its shares come to ${formatFixed(sum)}`];
    });
  });
  return verdictOf("the shards' limits come to no more than the firm's", askedAt(done), quota, violations);
}

const WIRE_NAMES: Readonly<Record<string, keyof Limits>> = {
  max_position_size: 'positionMax',
  max_daily_volume: 'dailyVolumeMax',
  max_net_exposure: 'netExposureMax',
  max_gross_exposure: 'grossExposureMax',
};

const limitOf = ({ limits }: LimitsSet, name: keyof Limits): bigint => limits[name];

interface Step {
  readonly event: Event;
  /** Where, for people. */
  readonly at: string;
  /** When, in milliseconds since 1970. */
  readonly moment: number;
}

function* eventsOf({ shard, batches }: ShardJournal): Generator<Step> {
  for (const { firstPosition, entries } of batches) {
    let position: number = firstPosition;
    for (const { at, events } of entries)
      for (const event of events) yield { event, at: `${shard}@${position++}`, moment: at / 1000 };
  }
}
