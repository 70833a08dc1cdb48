/** The API's role: the doors of a node whose engines run elsewhere. It holds nothing that another node would miss. */
import { AnswerDesk } from '../bus/answer-desk.ts';
import type { KafkaBus } from '../bus/kafka-bus.ts';
import { nameOf } from '../bus/kafka-connection.ts';
import { COMMANDS } from '../bus/topics.ts';
import type { Database } from '../database/database.ts';
import { CommandSpans } from '../firm/command-spans.ts';
import type { FirmStore } from '../firm/firm-store.ts';
import { Listings } from '../firm/listings.ts';
import { hearQuotes } from '../firm/quote-news.ts';
import { RemoteFirm } from '../firm/remote-firm.ts';
import { Roster } from '../firm/roster.ts';
import { ShardAssignments } from '../firm/shard-assignments.ts';
import { ShardViews } from '../firm/shard-views.ts';
import { Witness } from '../firm/witness.ts';
import { OwnWritten } from '../firm/written.ts';
import { RedisWritten } from '../firm/written-redis.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { QuoteBoard } from '../market-data/quote-board.ts';
import { PostgresArrivals } from '../projections/arrivals-postgres.ts';
import { PostgresReads } from '../projections/reads-postgres.ts';
import { Replica } from '../projections/replica-postgres.ts';
import { buildDoors, listen } from './doors.ts';
import { READING } from './read-path.ts';
import { shardsOf } from './roles.ts';
import { nodeName, type SharedMemory } from './services.ts';
import type { Site } from './site.ts';
import { timedAnswers, timedSender } from './timed-bus.ts';
import { VERSION } from './version.ts';

export interface ApiParts extends SharedMemory {
  readonly site: Site;
  readonly database: Database;
  readonly bus: Pick<KafkaBus, 'sender'>;
  readonly store: FirmStore;
}

/** Resolves with the door's URL. @throws Fault DATABASE_UNAVAILABLE, ADDRESS_IN_USE or CONFIG_INVALID */
export async function serveApi(parts: ApiParts): Promise<string> {
  const { site, database, channels, scripts } = parts;
  const { config, clock, undo } = site;
  const board = new QuoteBoard({ stalenessMs: config.QUOTE_STALENESS_MS, clock: () => clock.now() });
  undo.push(hearQuotes(channels, (quote) => board.publish(quote)));
  const pool = database.pool(READING);
  const [home = config.SHARD] = shardsOf(config);
  const house = {
    firm: await remoteFirmFor(parts),
    reads: new PostgresReads(pool, new PostgresArrivals(pool), new Replica(database.replica(READING))),
    written: scripts === undefined ? new OwnWritten(undefined) : new RedisWritten(scripts),
    quotes: board,
    marketTime: () => undefined,
    journal: new PostgresJournal(database, home),
    breaker: () => ({ state: 'closed', failures: 0, openUntil: undefined }) as const, // the engines have it
    version: VERSION,
  };
  return await listen(await buildDoors(site, database, parts, house), config);
}

/** The firm as such a node sees it: commands go to its engines over the bus. @throws Fault DATABASE_UNAVAILABLE */
export async function remoteFirmFor({
  site,
  database,
  bus,
  store,
  cache,
  channels,
}: ApiParts): Promise<RemoteFirm> {
  const { config, clock, log, metrics, traces, undo } = site;
  const topic = nameOf({ prefix: config.KAFKA_PREFIX }, COMMANDS);
  const shards = shardsOf(config);
  const node = nodeName(config);
  const answers = new AnswerDesk({ node, channels, waitMs: config.ANSWER_WAIT_MS, log });
  undo.push(() => answers.close());
  undo.push(metrics.busAnswersWaiting.ask(() => [{ labels: {}, value: answers.waiting }]));
  const roster = new Roster(store, shards);
  const views = new ShardViews({ roster, cache, channels, store });
  undo.push(() => views.stop());
  const onTrouble = (error: unknown): void => log.warn({ err: error }, 'the listings could not be read anew');
  const listings = new Listings({ shards, channels, store, onTrouble });
  await listings.start();
  undo.push(() => listings.stop());
  const assignments = new ShardAssignments(store, shards);
  await assignments.start();
  return new RemoteFirm({
    node,
    roster,
    assignments,
    sender: timedSender(bus.sender, metrics),
    answers: timedAnswers(answers, metrics),
    line: channels,
    witness: witnessFor(database),
    views,
    listings,
    store,
    cache,
    clock,
    deadlineMs: config.COMMAND_DEADLINE_MS,
    spans: traces === undefined ? undefined : new CommandSpans(traces.tracing, topic),
  });
}

/** One pool for the journals of all shards: they are asked only where answers are lost. */
function witnessFor(database: Pick<Database, 'url' | 'pool'>): Witness {
  const pool = database.pool({
    applicationName: 'itirp witness',
    connectionsMax: 2,
    statementTimeoutMs: 5_000,
  });
  const shared = { url: database.url, pool: () => pool };
  return new Witness((shard) => new PostgresJournal(shared, shard));
}
