/** Two shards with real engines, and as many API nodes in front of them as wanted: joined by a bus, a cache, a store. */
import { MemoryCache } from '../../../cache/cache-memory.ts';
import { MemoryChannels } from '../../../cache/channels-memory.ts';
import type { AccountId } from '../../../core/values/names.ts';
import type { Positions } from '../../../firm/firm.ts';
import { MemoryFirmStore } from '../../../firm/firm-store-memory.ts';
import { Listings } from '../../../firm/listings.ts';
import { RemoteFirm } from '../../../firm/remote-firm.ts';
import { ShardAssignments } from '../../../firm/shard-assignments.ts';
import { ShardViews } from '../../../firm/shard-views.ts';
import { ViewWriter } from '../../../firm/view-writer.ts';
import { OwnWritten, type Written } from '../../../firm/written.ts';
import { MemoryJournal } from '../../../journal/memory.ts';
import { SystemClock } from '../../../sequencer/clock.ts';
import { Sequencer } from '../../../sequencer/sequencer.ts';
import { by, OPENING } from '../../../sequencer/stage.fixture.ts';
import { buildHttp } from '../app.ts';
import { Client } from './client.ts';
import { FollowedReads } from './followed-reads.ts';
import { LoopBus } from './loop-bus.ts';
import { openSmallHouse, type SmallHouse } from './small-house.ts';

export const SHARDS = ['east', 'west'] as const;
type Shard = (typeof SHARDS)[number];

/** Long enough for an engine in the same process, in milliseconds. */
const ANSWER_WAIT_MS = 300;

export interface FirmOfTwo {
  readonly engines: ReadonlyMap<string, Sequencer>;
  readonly writers: ReadonlyMap<string, ViewWriter>;
  readonly bus: LoopBus;
  readonly cache: MemoryCache;
  readonly channels: MemoryChannels;
  readonly store: MemoryFirmStore;
  readonly reads: FollowedReads;
  /** A client of one more API node. trader1 trades in the east, trader2 in the west. */
  node(): Promise<Client>;
  close(): Promise<void>;
}

export async function openFirmOfTwo(): Promise<FirmOfTwo> {
  const clock = new SystemClock();
  const cache = new MemoryCache();
  const channels = new MemoryChannels();
  const engines = new Map<string, Sequencer>(SHARDS.map((shard) => [shard, engineOf(shard, clock)]));
  const heads = (): Positions => new Map(Array.from(engines, ([shard, { position }]) => [shard, position]));
  const store = new MemoryFirmStore(heads);
  await store.assign('HOUSE' as AccountId, 'east');
  await store.assign('WEST' as AccountId, 'west');
  const reads = new FollowedReads(engines);
  const writers = new Map<string, ViewWriter>();
  for (const [shard, engine] of engines) {
    await engine.start();
    for (const command of OPENING) await engine.submit(command, by);
    const writer = new ViewWriter({ shard, engine, epoch: () => 1, clock, cache, channels, store });
    await writer.start();
    writers.set(shard, writer);
  }
  const bus = new LoopBus(engines, ANSWER_WAIT_MS);
  const nodes: Node[] = [];
  return {
    engines,
    writers,
    bus,
    cache,
    channels,
    store,
    reads,
    node: async () => {
      const node = await Node.open(`node-${nodes.length}`, { clock, cache, channels, store, bus, reads });
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

const engineOf = (shard: Shard, clock: SystemClock): Sequencer =>
  new Sequencer({
    shard,
    journal: new MemoryJournal(),
    snapshots: undefined,
    clock,
    onFatal: (error) => {
      throw error;
    },
  });

type Shared = Pick<FirmOfTwo, 'cache' | 'channels' | 'store' | 'bus' | 'reads'> & {
  readonly clock: SystemClock;
};

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

  static async open(name: string, { clock, cache, channels, store, bus, reads }: Shared): Promise<Node> {
    const shards = [...SHARDS];
    const views = new ShardViews({ shards, cache, channels, store });
    const listings = new Listings({ shards, channels, store });
    await listings.start();
    const firm = new RemoteFirm({
      node: name,
      shards,
      assignments: new ShardAssignments(store, shards),
      sender: bus,
      answers: bus,
      views,
      listings,
      store,
      cache,
      clock,
      deadlineMs: 5_000,
    });
    const house = await openSmallHouse({ secondAccount: 'WEST' });
    const written: Written = new OwnWritten(undefined); // each node knows its own; of the rest, that it does not know
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
