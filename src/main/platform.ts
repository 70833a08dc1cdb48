/** The whole platform in one process: which adapter for which port, started in order and stopped in reverse. */
import { LocalFirm } from '../firm/local-firm.ts';
import { OwnWritten } from '../firm/written.ts';
import type { BreakerView } from '../gateways/http/deps.ts';
import { SystemClock } from '../sequencer/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { Readiness } from '../telemetry/readiness.ts';
import type { VenueLink } from '../venues/link.ts';
import type { Config } from './config.ts';
import { buildDoors, listen } from './doors.ts';
import { executionFor } from './execution.ts';
import { floorFor } from './floor.ts';
import { Gauges } from './gauges.ts';
import { readPathFor } from './read-path.ts';
import { type Site, stopAll } from './site.ts';
import { VERSION } from './version.ts';
import { databaseFor, journalFor, sequencerFor } from './write-path.ts';

export interface PlatformOptions {
  readonly config: Config;
  readonly log: Log;
  /** A bug, or another writer: the process must end. Called at most once. */
  readonly onFatal: (error: unknown) => void;
}

export class Platform {
  /** Where the HTTP door is, as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly #undo: Site['undo'];

  private constructor(url: string, undo: Site['undo']) {
    this.url = url;
    this.#undo = undo;
  }

  /**
   * Resolves when orders are taken. What was started is stopped again when a later part does not start.
   * @throws Fault naming what is wrong and the remedy
   */
  static async start({ config, log, onFatal }: PlatformOptions): Promise<Platform> {
    const site: Site = {
      config,
      log,
      clock: new SystemClock(),
      metrics: openMetrics(),
      undo: [],
      onFatal: once(onFatal),
    };
    try {
      return new Platform(await build(site), site.undo);
    } catch (error) {
      await stopAll(site.undo);
      throw error;
    }
  }

  /** Answers what is under way, commits what waits, keeps a snapshot, lets go of the database. */
  async stop(): Promise<void> {
    await stopAll(this.#undo);
  }
}

/** In the order of a fact's way: journal, sequencer, views, market, venue, doors. Resolves with the door's URL. */
async function build(site: Site): Promise<string> {
  const { config, log, metrics, undo } = site;
  const database = await databaseFor(site);
  const journal = journalFor(site, database);
  const engine = await sequencerFor(site, database, journal);
  const { projector, reads } = readPathFor(site, database, engine);
  const { board, feed, instruments } = await floorFor(site, engine);
  const { link, venue } = await executionFor(site, engine, board);
  const gauges = new Gauges(metrics, log);
  undo.push(() => gauges.stop());
  undo.push(gauges.watch({ shard: config.SHARD, sequencer: engine, projector, link, venue }));
  const house = {
    firm: new LocalFirm({ shard: config.SHARD, engine, instrument: instruments }),
    reads,
    written: new OwnWritten(new Map([[config.SHARD, engine.position]])),
    quotes: board,
    marketTime: () => feed.now,
    journal,
    breaker: () => breakerOf(link),
    readiness: new Readiness(),
    version: VERSION,
  };
  const url = await listen(await buildDoors(site, database, house), config);
  log.info({ feed: feed.name, shard: config.SHARD, position: engine.position }, 'ready');
  return url;
}

function breakerOf({ breaker: { status, failures, openUntil } }: VenueLink): BreakerView {
  return { state: status, failures, openUntil };
}

function once(tell: (error: unknown) => void): (error: unknown) => void {
  let isTold = false;
  return (error) => {
    if (isTold) return;
    isTold = true;
    tell(error);
  };
}
