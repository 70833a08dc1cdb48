/** Carries the rooms' own figures to the metrics: each room counts, none of them knows telemetry. */
import { type RiskMetrics, riskMetricsOf } from '../core/risk/metrics.ts';
import { type Use, type Utilisation, utilisationOf } from '../core/risk/utilisation.ts';
import type { State } from '../core/state.ts';
import { SCALE } from '../core/values/fixed-point.ts';
import type { Commit, Timings } from '../sequencer/options.ts';
import type { Sequencer } from '../sequencer/sequencer.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { VenueLink } from '../venues/link.ts';

/** How often gauges are read off, in milliseconds: no scraper asks more often. */
const EVERY_MS = 1_000;
/** Figures that could not be read again for so long are taken away: stale is no figure. Milliseconds. */
const STALE_MS = 5_000;
const BREAKER_STATES = { closed: 0, half_open: 1, open: 2 };
/** The limits by the names of their label. */
const LIMITS = [
  ['position', 'position'],
  ['daily_volume', 'dailyVolume'],
  ['net_exposure', 'netExposure'],
  ['gross_exposure', 'grossExposure'],
] as const satisfies readonly (readonly [string, keyof Utilisation])[];

export const observeCommit =
  ({ sequencerBatch, journalAppend }: Pick<Metrics, 'sequencerBatch' | 'journalAppend'>) =>
  ({ commands, seconds }: Commit): void => {
    sequencerBatch.observe(commands);
    journalAppend.observe(seconds);
  };

export const timingsInto = ({
  sequencerWait,
  decide,
}: Pick<Metrics, 'sequencerWait' | 'decide'>): Timings => ({
  waited: (seconds) => sequencerWait.observe(seconds),
  decided: (seconds) => decide.observe(seconds),
});

/** What one shard in this process can be read off. */
export interface Gauged {
  readonly shard: string;
  readonly sequencer: Pick<Sequencer, 'waiting' | 'position' | 'status' | 'read'>;
  readonly link: Pick<VenueLink, 'attempts' | 'retries' | 'inDoubt' | 'breaker'>;
  readonly venue: string;
}

interface ShardFigures {
  readonly risk: RiskMetrics;
  readonly utilisation: Utilisation;
  readonly working: number;
}

/** A shard's last figures, for what is added up over the shards. */
interface Reading {
  readonly rooms: Gauged;
  attempts: number;
  retries: number;
  /** Undefined: they are not known, or not any more. */
  figures: ShardFigures | undefined;
  /** When the last ones that came were asked for, on the steady clock. */
  askedAt: number;
  isBeingRead: boolean;
}

const figuresOf = (state: State): ShardFigures => ({
  risk: riskMetricsOf(state),
  utilisation: utilisationOf(state.firm),
  working: state.orders.size,
});

export class Gauges {
  readonly #metrics: Metrics;
  readonly #log: Log;
  readonly #readings = new Set<Reading>();
  readonly #staleMs: number;
  readonly #timer: NodeJS.Timeout;

  /** Other times than ours are for tests. */
  constructor(metrics: Metrics, log: Log, { everyMs = EVERY_MS, staleMs = STALE_MS } = {}) {
    this.#metrics = metrics;
    this.#log = log;
    this.#staleMs = staleMs;
    this.#timer = setInterval(() => this.#readAll(), everyMs);
  }

  /** Reads `rooms` off from now on. Returns how to stop: the shard is somebody else's then, and has no figures here. */
  watch(rooms: Gauged): () => void {
    const { shard } = rooms;
    const none = { attempts: 0, retries: 0, figures: undefined, isBeingRead: false };
    const reading: Reading = { rooms, ...none, askedAt: performance.now() };
    this.#readings.add(reading);
    return () => {
      this.#readings.delete(reading);
      this.#metrics.sequencerQueue.remove({ shard });
      this.#metrics.journalPosition.remove({ shard });
      this.#forget(reading);
      this.#forgetVenue(rooms.venue);
      this.#showSums();
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #forget(reading: Reading): void {
    reading.figures = undefined;
    const { shard } = reading.rooms;
    const { killSwitch, ordersWorking, limitUtilisation } = this.#metrics;
    killSwitch.remove({ shard });
    ordersWorking.remove({ shard });
    for (const [limit] of LIMITS) limitUtilisation.remove({ shard, limit });
  }

  /** Unless another shard here trades there: what this process no longer settles is told by whoever does. */
  #forgetVenue(venue: string): void {
    if (Array.from(this.#readings).some(({ rooms }) => rooms.venue === venue)) return;
    this.#metrics.venueInDoubt.remove({ venue });
    this.#metrics.venueBreaker.remove({ venue });
  }

  /** No shard waits for another's answer. */
  #readAll(): void {
    for (const reading of this.#readings) {
      const { shard, sequencer } = reading.rooms;
      this.#metrics.sequencerQueue.set({ shard }, sequencer.waiting);
      this.#metrics.journalPosition.set({ shard }, sequencer.position);
      if (performance.now() - reading.askedAt > this.#staleMs) this.#forget(reading);
      if (sequencer.status === 'running' && !reading.isBeingRead) void this.#read(reading);
    }
    this.#readVenues();
    this.#showSums();
  }

  async #read(reading: Reading): Promise<void> {
    const askedAt = performance.now();
    reading.isBeingRead = true;
    try {
      const figures = await reading.rooms.sequencer.read(figuresOf);
      if (!this.#readings.has(reading)) return; // let go of meanwhile
      reading.figures = figures;
      reading.askedAt = askedAt;
      this.#show(reading.rooms.shard, figures);
      this.#showSums();
    } catch (error) {
      this.#log.debug({ err: error }, 'the risk gauges could not be read');
    } finally {
      reading.isBeingRead = false;
    }
  }

  /** Not shown while a shard here is unknown: it would count as nothing, and exposure as less than it is. */
  #showSums(): void {
    const { activePositions, netExposure, grossExposure } = this.#metrics;
    const all = Array.from(this.#readings, ({ figures }) => figures?.risk);
    const known = all.filter((risk) => risk !== undefined);
    if (known.length === 0 || known.length < all.length) {
      for (const gauge of [activePositions, netExposure, grossExposure]) gauge.remove();
      return;
    }
    const sum = (of: (risk: RiskMetrics) => bigint): bigint =>
      known.reduce((total, risk) => total + of(risk), 0n);
    activePositions.set(known.reduce((total, risk) => total + risk.totalPositions, 0));
    netExposure.set(dollars(sum((risk) => risk.netExposure)));
    grossExposure.set(dollars(sum((risk) => risk.grossExposure)));
  }

  #show(shard: string, { risk, utilisation, working }: ShardFigures): void {
    this.#metrics.killSwitch.set({ shard }, risk.isKillSwitchEngaged ? 1 : 0);
    this.#metrics.ordersWorking.set({ shard }, working);
    for (const [limit, key] of LIMITS) {
      const used = ratioOf(utilisation[key]);
      if (used === undefined) this.#metrics.limitUtilisation.remove({ shard, limit });
      else this.#metrics.limitUtilisation.set({ shard, limit }, used);
    }
  }

  /** Shards of one process may share a venue's name: doubts add up, and the worst breaker is shown. */
  #readVenues(): void {
    const venues = new Map<string, { inDoubt: number; breaker: number }>();
    for (const reading of this.#readings) {
      const { link, venue } = reading.rooms;
      this.#metrics.venueAttempts.inc({ venue }, link.attempts - reading.attempts);
      this.#metrics.venueRetries.inc({ venue }, link.retries - reading.retries);
      reading.attempts = link.attempts;
      reading.retries = link.retries;
      const { inDoubt, breaker } = venues.get(venue) ?? { inDoubt: 0, breaker: 0 };
      venues.set(venue, {
        inDoubt: inDoubt + link.inDoubt,
        breaker: Math.max(breaker, BREAKER_STATES[link.breaker.status]),
      });
    }
    for (const [venue, { inDoubt, breaker }] of venues) {
      this.#metrics.venueInDoubt.set({ venue }, inDoubt);
      this.#metrics.venueBreaker.set({ venue }, breaker);
    }
  }
}

/** A gauge is a double by nature: good to the cent up to 90 trillion. */
const dollars = (amount: bigint): number => Number(amount / SCALE) / Number(SCALE);

/** To a millionth. Of no limit all is used up; undefined where nothing is used of none: a shard not yet dealt any. */
function ratioOf({ worst, limit }: Use): number | undefined {
  if (limit === 0n) return worst === 0n ? undefined : 1;
  return Number((worst * 1_000_000n) / limit) / 1_000_000;
}
