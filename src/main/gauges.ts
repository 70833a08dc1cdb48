/** Carries the rooms' own figures to the metrics: each room counts, none of them knows telemetry. */
import { type RiskMetrics, riskMetricsOf } from '../core/risk/metrics.ts';
import { SCALE } from '../core/values/fixed-point.ts';
import type { Commit } from '../sequencer/options.ts';
import type { Sequencer } from '../sequencer/sequencer.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { VenueLink } from '../venues/link.ts';

/** How often gauges are read off, in milliseconds: no scraper asks more often. */
const EVERY_MS = 1_000;
const BREAKER_STATES = { closed: 0, half_open: 1, open: 2 };

export const observeCommit =
  (metrics: Metrics) =>
  ({ commands, seconds }: Commit): void => {
    metrics.sequencerBatch.observe(commands);
    metrics.journalAppend.observe(seconds);
  };

/** What one shard in this process can be read off. */
export interface Gauged {
  readonly shard: string;
  readonly sequencer: Sequencer;
  /** Undefined where the views are kept by another process. */
  readonly projector: { readonly lag: number } | undefined;
  readonly link: VenueLink;
  readonly venue: string;
}

/** A shard's last figures, for what is added up over the shards. */
interface Reading {
  readonly rooms: Gauged;
  attempts: number;
  retries: number;
  risk: RiskMetrics | undefined;
}

export class Gauges {
  readonly #metrics: Metrics;
  readonly #log: Log;
  readonly #readings = new Set<Reading>();
  readonly #timer: NodeJS.Timeout;

  constructor(metrics: Metrics, log: Log) {
    this.#metrics = metrics;
    this.#log = log;
    this.#timer = setInterval(() => void this.#readAll(), EVERY_MS);
  }

  /** Reads `rooms` off from now on. Returns how to stop: the shard is somebody else's then, and has no figures here. */
  watch(rooms: Gauged): () => void {
    const reading: Reading = { rooms, attempts: 0, retries: 0, risk: undefined };
    this.#readings.add(reading);
    return () => {
      this.#readings.delete(reading);
      const { shard } = rooms;
      this.#metrics.sequencerQueue.remove({ shard });
      this.#metrics.journalPosition.remove({ shard });
      this.#metrics.projectionLag.remove({ shard });
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #readAll(): Promise<void> {
    for (const reading of this.#readings) await this.#read(reading);
    let positions = 0;
    let net = 0n;
    for (const { risk } of this.#readings) {
      positions += risk?.totalPositions ?? 0;
      net += risk?.netExposure ?? 0n;
    }
    this.#metrics.activePositions.set(positions);
    // A gauge is a double by nature: good to the cent up to 90 trillion.
    this.#metrics.netExposure.set(Number(net / SCALE) / Number(SCALE));
  }

  async #read(reading: Reading): Promise<void> {
    const { shard, sequencer, projector } = reading.rooms;
    this.#metrics.sequencerQueue.set({ shard }, sequencer.waiting);
    this.#metrics.journalPosition.set({ shard }, sequencer.position);
    if (projector !== undefined) this.#metrics.projectionLag.set({ shard }, projector.lag);
    this.#readVenue(reading);
    if (sequencer.status !== 'running') return;
    try {
      reading.risk = await sequencer.read(riskMetricsOf);
    } catch (error) {
      this.#log.debug({ err: error }, 'the risk gauges keep their last values');
    }
  }

  #readVenue(reading: Reading): void {
    const { link, venue } = reading.rooms;
    const labels = { venue };
    this.#metrics.venueAttempts.inc(labels, link.attempts - reading.attempts);
    this.#metrics.venueRetries.inc(labels, link.retries - reading.retries);
    reading.attempts = link.attempts;
    reading.retries = link.retries;
    this.#metrics.venueInDoubt.set(labels, link.inDoubt);
    this.#metrics.venueBreaker.set(labels, BREAKER_STATES[link.breaker.status]);
  }
}
