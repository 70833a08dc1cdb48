/** The whole platform in one process: which adapter for which port, with one shard and nobody else. */
import { LocalFirm } from '../firm/local-firm.ts';
import { OwnWritten } from '../firm/written.ts';
import type { BreakerView } from '../gateways/http/deps.ts';
import type { VenueLink } from '../venues/link.ts';
import { buildDoors, listen, proveFree } from './doors.ts';
import { executionFor } from './execution.ts';
import { floorFor } from './floor.ts';
import { Gauges } from './gauges.ts';
import { readPathFor, showReadPath } from './read-path.ts';
import { sharedMemoryFor } from './services.ts';
import type { Site } from './site.ts';
import { VERSION } from './version.ts';
import { databaseFor, enlist, journalFor, lookOutFrom, sequencerFor } from './write-path.ts';

/** In the order of a fact's way: journal, sequencer, views, market, venue, doors. Resolves with the door's URL. */
export async function buildHouse(site: Site): Promise<string> {
  const { config, log, metrics, undo } = site;
  await proveFree(config);
  const database = await databaseFor(site);
  await enlist(site, database, undefined);
  lookOutFrom(site, database);
  const memory = await sharedMemoryFor(site);
  const journal = journalFor(site, database);
  const engine = await sequencerFor(site, database, journal);
  const { reads, projector } = readPathFor(site, database, engine);
  showReadPath(site, database, engine, projector);
  const { board, feed, instruments } = await floorFor(site, engine);
  const { link, venue } = await executionFor(site, engine, board);
  const gauges = new Gauges(metrics, log);
  undo.push(() => gauges.stop());
  undo.push(gauges.watch({ shard: config.SHARD, sequencer: engine, link, venue }));
  const house = {
    firm: new LocalFirm({ shard: config.SHARD, engine, instrument: instruments }),
    reads,
    written: new OwnWritten(new Map([[config.SHARD, engine.position]])),
    quotes: board,
    marketTime: () => feed.now,
    journal,
    breaker: () => breakerOf(link),
    version: VERSION,
  };
  const url = await listen(await buildDoors(site, database, memory, house), config);
  log.info({ feed: feed.name, shard: config.SHARD, position: engine.position }, 'ready');
  return url;
}

export function breakerOf({ breaker: { status, failures, openUntil } }: VenueLink): BreakerView {
  return { state: status, failures, openUntil };
}
