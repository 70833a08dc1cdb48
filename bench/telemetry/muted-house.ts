/**
 * The platform in one process as `main/house.ts` builds it, without whatever watches it: the writer and the door measure
 * nothing, no fact is counted, no gauge is read off, nobody looks about.
 *
 * What is left are three readings of the clock an order, by the route and by the venue's link, 0.1 µs together; what they
 * are observed by does nothing here (`muted-process.ts`). How far the views are behind is told once a second: turns wait
 * for it.
 */
import { LocalFirm } from '../../src/firm/local-firm.ts';
import { OwnWritten } from '../../src/firm/written.ts';
import { buildHttp } from '../../src/gateways/http/app.ts';
import type { PostgresJournal } from '../../src/journal/postgres.ts';
import { admittanceFor } from '../../src/main/admittance.ts';
import { listen } from '../../src/main/doors.ts';
import { executionFor } from '../../src/main/execution.ts';
import { floorFor } from '../../src/main/floor.ts';
import { breakerOf } from '../../src/main/house.ts';
import { showLag } from '../../src/main/lag-gauges.ts';
import { readPathFor } from '../../src/main/read-path.ts';
import { sharedMemoryFor } from '../../src/main/services.ts';
import type { Site } from '../../src/main/site.ts';
import { VERSION } from '../../src/main/version.ts';
import { databaseFor, enlist, journalFor } from '../../src/main/write-path.ts';
import { Sequencer } from '../../src/sequencer/sequencer.ts';

/** Resolves with the door's URL. */
export async function buildMutedHouse(site: Site): Promise<string> {
  const { config, log, metrics, readiness, undo } = site;
  const database = await databaseFor(site);
  await enlist(site, database, undefined);
  const memory = await sharedMemoryFor(site);
  const journal = journalFor(site, database);
  const engine = await writerFor(site, journal);
  const { reads, projector } = readPathFor(site, database, engine);
  const { projectionLag: events, projectionLagSeconds: seconds } = metrics;
  const ageOfNext = async () => undefined;
  undo.push(showLag({ shard: config.SHARD, reader: projector, events, seconds, ageOfNext }));
  const { board, feed, instruments } = await floorFor(site, engine);
  const { link } = await executionFor(site, engine, board);
  const app = buildHttp({
    firm: new LocalFirm({ shard: config.SHARD, engine, instrument: instruments }),
    reads,
    written: new OwnWritten(new Map([[config.SHARD, engine.position]])),
    quotes: board,
    marketTime: () => feed.now,
    journal,
    breaker: () => breakerOf(link),
    version: VERSION,
    ...(await admittanceFor(site, database, memory)),
    readiness,
    metrics,
    log,
    allowedOrigins: [],
    trustProxy: false,
  });
  undo.push(() => app.close());
  return await listen(app, config);
}

/** As the platform's own where SNAPSHOT_EVERY is 0, but for those who count and measure. */
async function writerFor(
  { config, clock, undo, onFatal }: Site,
  journal: PostgresJournal,
): Promise<Sequencer> {
  const sequencer = new Sequencer({
    shard: config.SHARD,
    journal,
    snapshots: undefined,
    clock,
    waitingMax: config.QUEUE_MAX,
    onFatal,
  });
  await sequencer.start();
  undo.push(() => sequencer.stop({ snapshot: false }));
  return sequencer;
}
