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
  figures: ShardFigures | undefined;
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
  readonly #timer: NodeJS.Timeout;

  /** `everyMs`: for tests. */
  constructor(metrics: Metrics, log: Log, everyMs: number = EVERY_MS) {
    this.#metrics = metrics;
    this.#log = log;
    this.#timer = setInterval(() => void this.#readAll(), everyMs);
  }

  /** Reads `rooms` off from now on. Returns how to stop: the shard is somebody else's then, and has no figures here. */
  watch(rooms: Gauged): () => void {
    const reading: Reading = { rooms, attempts: 0, retries: 0, figures: undefined };
    this.#readings.add(reading);
    return () => {
      this.#readings.delete(reading);
      this.#forget(rooms.shard);
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #forget(shard: string): void {
    const { sequencerQueue, journalPosition, killSwitch, ordersWorking, limitUtilisation } = this.#metrics;
    for (const gauge of [sequencerQueue, journalPosition, killSwitch, ordersWorking]) gauge.remove({ shard });
    for (const [limit] of LIMITS) limitUtilisation.remove({ shard, limit });
  }

  async #readAll(): Promise<void> {
    for (const reading of this.#readings) await this.#read(reading);
    this.#readVenues();
    let positions = 0;
    let net = 0n;
    let gross = 0n;
    for (const { figures } of this.#readings) {
      positions += figures?.risk.totalPositions ?? 0;
      net += figures?.risk.netExposure ?? 0n;
      gross += figures?.risk.grossExposure ?? 0n;
    }
    this.#metrics.activePositions.set(positions);
    this.#metrics.netExposure.set(dollars(net));
    this.#metrics.grossExposure.set(dollars(gross));
  }

  async #read(reading: Reading): Promise<void> {
    const { shard, sequencer } = reading.rooms;
    this.#metrics.sequencerQueue.set({ shard }, sequencer.waiting);
    this.#metrics.journalPosition.set({ shard }, sequencer.position);
    if (sequencer.status !== 'running') return;
    try {
      const figures = await sequencer.read(figuresOf);
      if (!this.#readings.has(reading)) return; // let go of meanwhile
      reading.figures = figures;
      this.#show(shard, figures);
    } catch (error) {
      this.#log.debug({ err: error }, 'the risk gauges keep their last values');
    }
  }

  #show(shard: string, { risk, utilisation, working }: ShardFigures): void {
    this.#metrics.killSwitch.set({ shard }, risk.isKillSwitchEngaged ? 1 : 0);
    this.#metrics.ordersWorking.set({ shard }, working);
    for (const [limit, key] of LIMITS) {
      this.#metrics.limitUtilisation.set({ shard, limit }, ratioOf(utilisation[key]));
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

/** To a millionth. A limit of nothing is always used up. */
const ratioOf = ({ worst, limit }: Use): number =>
  limit === 0n ? 1 : Number((worst * 1_000_000n) / limit) / 1_000_000;
