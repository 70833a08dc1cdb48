/** Two shards with real engines, and as many API nodes in front of them as wanted: joined by a bus, a cache, a store. */
import type { Cache } from '../../../cache/cache.ts';
import { MemoryCache } from '../../../cache/cache-memory.ts';
import type { Channels } from '../../../cache/channels.ts';
import { MemoryChannels } from '../../../cache/channels-memory.ts';
import type { Command } from '../../../core/commands.ts';
import type { AccountId } from '../../../core/values/names.ts';
import type { FirmStore } from '../../../firm/firm-store.ts';
import { MemoryFirmStore } from '../../../firm/firm-store-memory.ts';
import { Listings } from '../../../firm/listings.ts';
import { RemoteFirm } from '../../../firm/remote-firm.ts';
import { Roster } from '../../../firm/roster.ts';
import { ShardAssignments } from '../../../firm/shard-assignments.ts';
import { ShardViews } from '../../../firm/shard-views.ts';
import { ViewWriter } from '../../../firm/view-writer.ts';
import { Witness } from '../../../firm/witness.ts';
import { OwnWritten, type Written } from '../../../firm/written.ts';
import type { Journal } from '../../../journal/journal.ts';
import { MemoryJournal } from '../../../journal/memory.ts';
import type { Reads } from '../../../projections/reads.ts';
import { SystemClock } from '../../../sequencer/clock.ts';
import type { Engine } from '../../../sequencer/engine.ts';
import { Sequencer } from '../../../sequencer/sequencer.ts';
import { by, OPENING } from '../../../sequencer/stage.fixture.ts';
import { buildHttp } from '../app.ts';
import { Client } from './client.ts';
import { FollowedReads } from './followed-reads.ts';
import { LoopBus } from './loop-bus.ts';
import { openSmallHouse, type SmallHouse } from './small-house.ts';

export const SHARDS = ['east', 'west'] as const;

/** Long enough for an engine in the same process, in milliseconds. */
const ANSWER_WAIT_MS = 500;

/** What one process reaches the others by. */
export interface Line {
  readonly cache: Cache;
  readonly channels: Channels;
  readonly written: Written;
}

/** What the firm stands on. */
export interface Ground<Views extends Reads> {
  readonly journal: (shard: string) => Journal;
  readonly store: FirmStore;
  /** For each process a line of its own. */
  readonly line: () => Promise<Line>;
  readonly readsOf: (engines: ReadonlyMap<string, Engine>) => Views;
}

export interface FirmOfTwo<Views extends Reads> {
  readonly engines: ReadonlyMap<string, Sequencer>;
  readonly writers: ReadonlyMap<string, ViewWriter>;
  readonly bus: LoopBus;
  readonly reads: Views;
  /**
   * A client of one more API node, which was told of `shards` (default: of all there are). trader1 trades in the east,
   * trader2 in the west.
   */
  node(shards?: readonly string[]): Promise<Client>;
  /** One more shard, which begins with `commands`. */
  begin(shard: string, commands: readonly Command[]): Promise<void>;
  close(): Promise<void>;
}

export async function openFirmOfTwo<Views extends Reads>({
  journal,
  store,
  line,
  readsOf,
}: Ground<Views>): Promise<FirmOfTwo<Views>> {
  const clock = new SystemClock();
  const engines = new Map<string, Sequencer>();
  const writers = new Map<string, ViewWriter>();
  await store.assign('HOUSE' as AccountId, 'east');
  await store.assign('WEST' as AccountId, 'west');
  const journals = new Map<string, Journal>();
  const journalOf = (shard: string): Journal => {
    const kept = journals.get(shard) ?? journal(shard);
    journals.set(shard, kept);
    return kept;
  };
  const begin = async (shard: string, commands: readonly Command[]): Promise<void> => {
    const engine = engineOf(shard, journalOf(shard), clock);
    engines.set(shard, engine);
    await engine.start();
    for (const command of commands) await engine.submit(command, by);
    const { cache, channels } = await line();
    const writer = new ViewWriter({
      shard,
      engine,
      epoch: () => engine.epoch,
      clock,
      cache,
      channels,
      store,
    });
    await writer.start();
    writers.set(shard, writer);
  };
  for (const shard of SHARDS) await begin(shard, OPENING);
  const reads = readsOf(engines);
  const bus = new LoopBus(engines, ANSWER_WAIT_MS);
  const nodes: Node[] = [];
  return {
    engines,
    writers,
    bus,
    reads,
    begin,
    node: async (shards = [...engines.keys()]) => {
      const name = `node-${nodes.length}`;
      const node = await Node.open(name, { ...(await line()), clock, store, bus, reads, shards, journalOf });
      nodes.push(node);
      return node.client;
    },
    close: async () => {
      for (const node of nodes) await node.close();
      for (const writer of writers.values()) await writer.stop();
      for (const engine of engines.values()) await engine.stop();
    },
  };
}

export interface MemoryGround extends Ground<FollowedReads> {
  readonly cache: MemoryCache;
  readonly store: MemoryFirmStore;
}

/** Everything in this process; each node knows what it answered itself, and of the rest that it does not know. */
export function memoryGround(): MemoryGround {
  let running: ReadonlyMap<string, Engine> = new Map();
  const cache = new MemoryCache();
  const channels = new MemoryChannels();
  return {
    cache,
    store: new MemoryFirmStore(
      () => new Map(Array.from(running, ([shard, { position }]) => [shard, position])),
    ),
    journal: () => new MemoryJournal(),
    line: async () => ({ cache, channels, written: new OwnWritten(undefined) }),
    readsOf: (engines) => {
      running = engines;
      return new FollowedReads(engines);
    },
  };
}

const engineOf = (shard: string, journal: Journal, clock: SystemClock): Sequencer =>
  new Sequencer({
    shard,
    journal,
    snapshots: undefined,
    clock,
    onFatal: (error) => {
      throw error;
    },
  });

interface Shared extends Line {
  readonly clock: SystemClock;
  readonly store: FirmStore;
  readonly bus: LoopBus;
  readonly reads: Reads;
  readonly shards: readonly string[];
  readonly journalOf: (shard: string) => Journal;
}

class Node {
  readonly client: Client;
  readonly #house: SmallHouse;
  readonly #views: ShardViews;
  readonly #listings: Listings;

  private constructor(house: SmallHouse, views: ShardViews, listings: Listings) {
    this.client = new Client(house);
    this.#house = house;
    this.#views = views;
    this.#listings = listings;
  }

  static async open(
    name: string,
    { clock, cache, channels, written, store, bus, reads, shards, journalOf }: Shared,
  ): Promise<Node> {
    const roster = new Roster(store, shards);
    const views = new ShardViews({ roster, cache, channels, store });
    const listings = new Listings({ shards, channels, store });
    await listings.start();
    const firm = new RemoteFirm({
      node: name,
      roster,
      assignments: new ShardAssignments(store, shards),
      sender: bus,
      answers: bus,
      line: { isUp: true }, // this bus answers by itself
      views,
      listings,
      store,
      witness: new Witness({ store, journalOf, waitMs: 300 }),
      cache,
      clock,
      deadlineMs: 5_000,
    });
    const house = await openSmallHouse({ secondAccount: 'WEST' });
    const app = buildHttp({ ...house.deps, firm, reads, written });
    await app.ready();
    return new Node({ ...house, app }, views, listings);
  }

  async close(): Promise<void> {
    this.#views.stop();
    await this.#listings.stop();
    await this.#house.app.close();
  }
}
