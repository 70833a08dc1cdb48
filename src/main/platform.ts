/** The whole platform in one process: which adapter for which port, started in order and stopped in reverse. */
import type { Instrument } from '../core/instruments/instrument.ts';
import type { Position, Ticker } from '../core/values/names.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrations.ts';
import { Fault } from '../faults/fault.ts';
import type { BreakerView } from '../gateways/http/deps.ts';
import { countOrders } from '../gateways/http/trading-metrics.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { PostgresSnapshots } from '../journal/snapshots-postgres.ts';
import type { Feed } from '../market-data/feed.ts';
import { QuoteBoard } from '../market-data/quote-board.ts';
import { ProjectorThread } from '../projections/projector-thread.ts';
import { PostgresReads } from '../projections/reads-postgres.ts';
import { SystemClock } from '../sequencer/clock.ts';
import { DayRoller } from '../sequencer/day-roller.ts';
import { bySystem } from '../sequencer/house-keeping.ts';
import { MarkSampler } from '../sequencer/mark-sampler.ts';
import { Sequencer } from '../sequencer/sequencer.ts';
import { Snapshotter } from '../sequencer/snapshotter.ts';
import type { Log } from '../telemetry/log.ts';
import { type Metrics, openMetrics } from '../telemetry/metrics.ts';
import { VenueLink } from '../venues/link.ts';
import { Router } from '../venues/router.ts';
import { SimulatedVenue } from '../venues/simulated.ts';
import type { Config } from './config.ts';
import { buildDoors, listen } from './doors.ts';
import { Gauges, observeCommit } from './gauges.ts';
import { feedOf, instrumentsOf } from './market.ts';
import { Opening } from './opening.ts';
import { VERSION } from './version.ts';

/** Statements that a person waits for are given up after this long, in milliseconds. */
const READ_TIMEOUT_MS = 5_000;
/** Between two words on a recovery, in milliseconds. */
const RECOVERY_SAYS_MS = 2_000;

export interface PlatformOptions {
  readonly config: Config;
  readonly log: Log;
  /** A bug, or another writer: the process must end. Called at most once. */
  readonly onFatal: (error: unknown) => void;
}

export class Platform {
  /** Where the HTTP door is, as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly #undo: readonly (() => unknown)[];

  private constructor(url: string, undo: readonly (() => unknown)[]) {
    this.url = url;
    this.#undo = undo;
  }

  /**
   * Resolves when orders are taken. What was started is stopped again when a later part does not start.
   * @throws Fault naming what is wrong and the remedy
   */
  static async start(options: PlatformOptions): Promise<Platform> {
    const undo: (() => unknown)[] = [];
    try {
      const url = await new Start(options, undo).run();
      return new Platform(url, undo);
    } catch (error) {
      await stopAll(undo);
      throw error;
    }
  }

  /** Answers what is under way, commits what waits, keeps a snapshot, lets go of the database. */
  async stop(): Promise<void> {
    await stopAll(this.#undo);
  }
}

/** In reverse, each once, also when one of them fails. */
async function stopAll(undo: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const stop of undo.toReversed()) {
    try {
      await stop();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'unclean stop');
}

/** Says now and then how far a long recovery is. */
function recoveryProgress(log: Log): (position: Position) => void {
  let saidAt = performance.now();
  return (position) => {
    const now = performance.now();
    if (now - saidAt < RECOVERY_SAYS_MS) return;
    saidAt = now;
    log.info({ position }, 'recovering from the journal');
  };
}

/** The steps of a start, in the order of a fact's way: journal, sequencer, readers, venue, doors. */
class Start {
  readonly #config: Config;
  readonly #log: Log;
  readonly #undo: (() => unknown)[];
  readonly #clock = new SystemClock();
  readonly #metrics: Metrics = openMetrics();
  #hasDied = false;
  readonly #onFatal: (error: unknown) => void;

  constructor({ config, log, onFatal }: PlatformOptions, undo: (() => unknown)[]) {
    this.#config = config;
    this.#log = log;
    this.#undo = undo;
    this.#onFatal = (error) => {
      if (this.#hasDied) return;
      this.#hasDied = true;
      onFatal(error);
    };
  }

  async run(): Promise<string> {
    const database = await this.#database();
    const journal = new PostgresJournal(database, this.#config.SHARD);
    this.#undo.push(() => journal.close());
    const { board, feed } = this.#market();
    const sequencer = await this.#sequencer(database, journal);
    const { projector, reads } = this.#readers(database, sequencer);
    await this.#ground(sequencer);
    const link = await this.#venue(sequencer, board);
    const sampler = new MarkSampler(sequencer, board, this.#config.MARK_SAMPLE_MS);
    this.#undo.push(() => sampler.stop());
    await sampler.start();
    const gauges = new Gauges(this.#metrics, { sequencer, projector, link, venue: 'SIM' }, this.#log);
    this.#undo.push(() => gauges.stop());

    const instruments = await this.#instruments(sequencer);
    const breaker = (): BreakerView => {
      const { status, failures, openUntil } = link.breaker;
      return { state: status, failures, openUntil };
    };
    const house = {
      engine: sequencer,
      reads,
      quotes: board,
      marketTime: () => feed.now,
      instruments,
      journal,
      breaker,
      version: VERSION,
    };
    const doors = { config: this.#config, log: this.#log, metrics: this.#metrics, database, house };
    const http = await buildDoors({ ...doors, undo: this.#undo });
    const url = await listen(http, this.#config);
    this.#log.info({ feed: feed.name, shard: this.#config.SHARD, position: sequencer.position }, 'ready');
    return url;
  }

  async #database(): Promise<Database> {
    const { DATA_DIR: dataDir, POSTGRES_URL: url } = this.#config;
    const log = (says: string): void => this.#log.info(says);
    const onDisplaced = (): void =>
      this.#onFatal(
        new Fault('DATABASE_IN_USE', 'it took the database over while this one could not reach it'),
      );
    const database = await openDatabase({ dataDir, url, exclusive: true, log, onDisplaced });
    this.#undo.push(() => database.close());
    const applied = await migrate(database.url);
    if (applied.length > 0) this.#log.info({ applied }, 'migrated');
    return database;
  }

  #market(): { board: QuoteBoard; feed: Feed } {
    const now = () => this.#clock.now();
    const board = new QuoteBoard({ stalenessMs: this.#config.QUOTE_STALENESS_MS, clock: now });
    const feed = feedOf(this.#config, now);
    this.#undo.push(() => feed.stop());
    feed
      .start((quote) => board.publish(quote))
      .then(() => this.#log.info({ feed: feed.name }, 'the feed has ended'))
      .catch((error: unknown) => this.#onFatal(error));
    return { board, feed };
  }

  async #sequencer(database: Database, journal: PostgresJournal): Promise<Sequencer> {
    const { SHARD: shard, QUEUE_MAX: waitingMax, SNAPSHOT_EVERY: every } = this.#config;
    const pool = database.pool({
      applicationName: 'itirp snapshots',
      connectionsMax: 2,
      statementTimeoutMs: 0,
    });
    const sequencer = new Sequencer({
      shard,
      journal,
      snapshots: new PostgresSnapshots(pool, shard),
      clock: this.#clock,
      waitingMax,
      onFatal: this.#onFatal,
      onCommit: observeCommit(this.#metrics),
      onWarning: (says, cause) => this.#log.warn({ err: cause }, says),
      onProgress: recoveryProgress(this.#log),
    });
    await sequencer.start();
    this.#undo.push(() => sequencer.stop());
    this.#log.info({ position: sequencer.position }, 'recovered from the journal');
    if (every === 0) return sequencer;

    const snapshotter = new Snapshotter(sequencer, sequencer.snapshotPosition, {
      every,
      worker: new URL('./snapshot-entry.ts', import.meta.url),
      workerData: { url: database.url, shard },
      onWarning: (says, cause) => this.#log.warn({ err: cause }, says),
    });
    snapshotter.start();
    this.#undo.push(() => snapshotter.stop());
    return sequencer;
  }

  #readers(database: Database, sequencer: Sequencer): { projector: ProjectorThread; reads: PostgresReads } {
    const projector = new ProjectorThread({
      entry: new URL('./projector-entry.ts', import.meta.url),
      url: database.url,
      shard: this.#config.SHARD,
      onTrouble: (fault, retryMs) => this.#log.warn({ fault: fault.code, retryMs }, 'the read models wait'),
      onDeath: (error) => this.#onFatal(error),
    });
    projector.start();
    this.#undo.push(() => projector.stop());
    projector.poke(sequencer.position);
    this.#undo.push(sequencer.subscribe(({ lastPosition }) => projector.poke(lastPosition)));
    this.#undo.push(countOrders(sequencer, this.#metrics));
    const pool = database.pool({ applicationName: 'itirp reads', statementTimeoutMs: READ_TIMEOUT_MS });
    return { projector, reads: new PostgresReads(pool, projector) };
  }

  /** What orders stand on: instruments, and a trading day. */
  async #ground(sequencer: Sequencer): Promise<void> {
    const by = bySystem('start');
    for (const instrument of instrumentsOf(this.#config)) {
      await sequencer.submit({ type: 'ListInstrument', instrument }, by);
    }
    const { TRADING_DAY_ZONE: zone, TRADING_DAY_START: time } = this.#config;
    const roller = new DayRoller(sequencer, this.#clock, { zone, time });
    this.#undo.push(() => roller.stop());
    await roller.start();
  }

  async #venue(sequencer: Sequencer, quotes: QuoteBoard): Promise<VenueLink> {
    const config = this.#config;
    const venue = new SimulatedVenue({
      quotes,
      session: this.#clock.now().toString(36), // another one at each start
      seed: config.MARKET_SEED,
      latencyMs: { min: config.VENUE_LATENCY_MIN_MS, max: config.VENUE_LATENCY_MAX_MS },
      rejectRate: config.VENUE_REJECT_RATE,
      noAnswerRate: config.VENUE_NO_ANSWER_RATE,
      unreachableRate: config.VENUE_UNREACHABLE_RATE,
    });
    this.#undo.push(() => venue.close());
    const link = new VenueLink(venue, { timeoutMs: config.VENUE_TIMEOUT_MS });
    const router = new Router({ engine: sequencer, venue, link, onBroken: this.#onFatal });
    router.start();
    this.#undo.push(() => router.close());
    const opening = new Opening(sequencer, router, this.#log, this.#onFatal);
    this.#undo.push(() => opening.stop());
    await opening.start();
    return link;
  }

  /** What is listed, followed as it changes: the doors check ticks and lots with it. */
  async #instruments(sequencer: Sequencer): Promise<(ticker: Ticker) => Instrument | undefined> {
    const listed = new Map<Ticker, Instrument>();
    const leave = sequencer.subscribe(({ entries }) => {
      for (const event of entries.flatMap(({ events }) => events)) {
        if (event.type === 'InstrumentListed') listed.set(event.instrument.ticker, event.instrument);
      }
    });
    this.#undo.push(leave);
    for (const instrument of await sequencer.read(({ instruments }) => [...instruments.values()])) {
      listed.set(instrument.ticker, instrument);
    }
    return (ticker) => listed.get(ticker);
  }
}
