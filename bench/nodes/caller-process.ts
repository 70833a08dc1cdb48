/** A process of callers who place orders and wait: in a house of its own that does all itself, or before engines behind the bus. */
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../src/database/migrations.ts';
import type { Firm } from '../../src/firm/firm.ts';
import { PostgresFirmStore } from '../../src/firm/firm-store-postgres.ts';
import { LocalFirm } from '../../src/firm/local-firm.ts';
import { remoteFirmFor } from '../../src/main/api.ts';
import { executionFor } from '../../src/main/execution.ts';
import { floorFor } from '../../src/main/floor.ts';
import { loadConfig } from '../../src/main/load-config.ts';
import { busFor, sharedMemoryFor } from '../../src/main/services.ts';
import { type Site, stopAll } from '../../src/main/site.ts';
import { databaseFor, journalFor, sequencerFor } from '../../src/main/write-path.ts';
import { SystemClock } from '../../src/sequencer/clock.ts';
import { openLog } from '../../src/telemetry/log.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { Readiness } from '../../src/telemetry/readiness.ts';
import { LIMITS } from '../core/floor.ts';
import { byBench } from '../durable/callers.ts';
import { serve } from '../run/child.ts';
import { placeAll } from './firm-orders.ts';

export interface Called {
  readonly orders: number;
  readonly seconds: number;
  /** Of this process alone. */
  readonly cpuSeconds: number;
}
export interface Calling {
  readonly callers: number;
  readonly seconds: number;
}

type Settings = Readonly<Record<string, string>>;

/** Answered is not filled: the last fills come after the last answer. */
const LAST_FILLS_MS = 300;

let firm: Firm | undefined;
const undo: Site['undo'] = [];

const onFatal = (error: unknown): void => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
};

function siteOf(settings: Settings): Site {
  const tools = { metrics: openMetrics(), readiness: new Readiness() };
  return {
    config: loadConfig(settings),
    log: openLog('error'),
    clock: new SystemClock(),
    ...tools,
    undo,
    onFatal,
  };
}

/** All of a house that an order meets behind the door: writer, market, venue, router. Its views are kept by nobody. */
async function openHouse(settings: Settings): Promise<void> {
  const site = siteOf(settings);
  const database = await databaseFor(site);
  await migrate(database.url);
  const engine = await sequencerFor(site, database, journalFor(site, database));
  const { board, instruments } = await floorFor(site, engine);
  await executionFor(site, engine, board);
  await engine.submit({ type: 'SetLimits', limits: LIMITS }, byBench);
  firm = new LocalFirm({ shard: site.config.SHARD, engine, instrument: instruments });
}

/** What a node of the API has behind its doors. `settings`: those of such a node. */
async function openNode(settings: Settings): Promise<void> {
  const site = siteOf(settings);
  const database = await databaseFor(site);
  const store = new PostgresFirmStore(database.pool({ connectionsMax: 2 }));
  const shared = await sharedMemoryFor(site);
  firm = await remoteFirmFor({ site, database, bus: await busFor(site, 0), store, ...shared });
}

async function run({ callers, seconds }: Calling): Promise<Called> {
  if (firm === undefined) throw new Error('nothing is open');
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const orders = await placeAll(firm, callers, started + 1000 * seconds);
  const took = (performance.now() - started) / 1000;
  await sleep(LAST_FILLS_MS);
  const { user, system } = process.cpuUsage(cpu);
  return { orders, seconds: took, cpuSeconds: (user + system) / 1e6 };
}

serve({ openHouse, openNode, run }, () => stopAll(undo));
