/** Carries the rooms' own figures to the metrics: each room counts, none of them knows telemetry. */
import { riskMetricsOf } from '../core/risk/metrics.ts';
import { SCALE } from '../core/values/fixed-point.ts';
import type { ProjectorThread } from '../projections/projector-thread.ts';
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

export interface Gauged {
  readonly sequencer: Sequencer;
  readonly projector: ProjectorThread;
  readonly link: VenueLink;
  readonly venue: string;
}

export class Gauges {
  readonly #metrics: Metrics;
  readonly #rooms: Gauged;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #attempts = 0;
  #retries = 0;

  constructor(metrics: Metrics, rooms: Gauged, log: Log) {
    this.#metrics = metrics;
    this.#rooms = rooms;
    this.#log = log;
    this.#timer = setInterval(() => void this.#read(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #read(): Promise<void> {
    const { sequencer, projector } = this.#rooms;
    this.#metrics.sequencerQueue.set(sequencer.waiting);
    this.#metrics.journalPosition.set(sequencer.position);
    this.#metrics.projectionLag.set(projector.lag);
    this.#readVenue();
    if (sequencer.status !== 'running') return;
    try {
      const { netExposure, totalPositions } = await sequencer.read(riskMetricsOf);
      this.#metrics.activePositions.set(totalPositions);
      // A gauge is a double by nature: good to the cent up to 90 trillion.
      this.#metrics.netExposure.set(Number(netExposure / SCALE) / Number(SCALE));
    } catch (error) {
      this.#log.debug({ err: error }, 'the risk gauges keep their last values');
    }
  }

  #readVenue(): void {
    const { link, venue } = this.#rooms;
    const labels = { venue };
    this.#metrics.venueAttempts.inc(labels, link.attempts - this.#attempts);
    this.#metrics.venueRetries.inc(labels, link.retries - this.#retries);
    this.#attempts = link.attempts;
    this.#retries = link.retries;
    this.#metrics.venueInDoubt.set(labels, link.inDoubt);
    this.#metrics.venueBreaker.set(labels, BREAKER_STATES[link.breaker.status]);
  }
}
