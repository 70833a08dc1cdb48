/** A process of callers who place orders and wait: with one sequencer of its own, or with engines behind the bus. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../src/database/database.ts';
import { PostgresFirmStore } from '../../src/firm/firm-store-postgres.ts';
import type { RemoteFirm } from '../../src/firm/remote-firm.ts';
import { PostgresJournal } from '../../src/journal/postgres.ts';
import { remoteFirmFor } from '../../src/main/api.ts';
import { loadConfig } from '../../src/main/load-config.ts';
import { busFor, sharedMemoryFor } from '../../src/main/services.ts';
import { type Site, stopAll } from '../../src/main/site.ts';
import { databaseFor } from '../../src/main/write-path.ts';
import { SystemClock } from '../../src/sequencer/clock.ts';
import { Sequencer } from '../../src/sequencer/sequencer.ts';
import { openLog } from '../../src/telemetry/log.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { Readiness } from '../../src/telemetry/readiness.ts';
import { groundOf, OrderFlow } from '../core/floor.ts';
import { prepare, trade } from '../durable/callers.ts';
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

const INSTRUMENTS = 12;
/** Answered is not filled: engines bring the last fills after the last answer. */
const LAST_FILLS_MS = 300;

type Call = (callers: number, endsAt: number) => Promise<number>;

let call: Call | undefined;
const undo: Site['undo'] = [];

const onFatal = (error: unknown): void => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
};

/** The single process: decides, commits, brings its fills. */
async function openAlone(url: string): Promise<void> {
  const database = await openDatabase({ dataDir: '', url, exclusive: false });
  undo.push(() => database.close());
  const journal = new PostgresJournal(database, 'bench');
  const clock = new SystemClock();
  const sequencer = new Sequencer({ shard: 'bench', journal, snapshots: undefined, clock, onFatal });
  await sequencer.start();
  undo.push(() => sequencer.stop({ snapshot: false }));
  await prepare(sequencer, groundOf(INSTRUMENTS));
  const flow = new OrderFlow(INSTRUMENTS, true);
  call = (callers, endsAt) => trade(sequencer, flow, callers, endsAt);
}

/** What a node of the API has behind its doors. `settings`: those of such a node. */
async function openFirm(settings: Readonly<Record<string, string>>): Promise<void> {
  const config = loadConfig(settings);
  const log = openLog('error');
  const tools = { metrics: openMetrics(), readiness: new Readiness() };
  const site: Site = { config, log, clock: new SystemClock(), ...tools, undo, onFatal };
  const database = await databaseFor(site);
  const bus = await busFor(site);
  const store = new PostgresFirmStore(database.pool({ connectionsMax: 2 }));
  const firm: RemoteFirm = await remoteFirmFor({
    site,
    database,
    bus,
    store,
    ...(await sharedMemoryFor(site)),
  });
  call = (callers, endsAt) => placeAll(firm, callers, endsAt);
}

async function run({ callers, seconds }: Calling): Promise<Called> {
  if (call === undefined) throw new Error('nothing is open');
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const started = performance.now();
  const orders = await call(callers, started + 1000 * seconds);
  const took = (performance.now() - started) / 1000;
  await sleep(LAST_FILLS_MS);
  const { user, system } = process.cpuUsage(cpu);
  return { orders, seconds: took, cpuSeconds: (user + system) / 1e6 };
}

serve({ openAlone, openFirm, run }, () => stopAll(undo));
