/** Rates as processes, cores and memory: so many of each part that the busiest second leaves half of them idle. */
import { MEASURED } from './measured.ts';
import type { Traffic, Workload } from './traffic.ts';

export interface Part {
  readonly name: string;
  readonly processes: number;
  /** Virtual cores of one process. */
  readonly cores: number;
  /** Gigabytes (10^9 bytes) of one process. */
  readonly memoryGb: number;
  /** Part of its cores that is at work at the rate it is sized for, 0 to 1; undefined where it was not measured. */
  readonly utilisation: number | undefined;
}

export interface Nodes {
  readonly parts: readonly Part[];
  /** The fewest shards that carry it: an engine's thread, and a reader's, has one shard's orders at most. */
  readonly shardsMin: number;
}

/** Above this, work waits for work: half is left for a machine that died and for what no mean shows. */
export const UTILISATION_MAX = 0.5;
/** Readers may lag through a burst; they must make up for it within the session. Of the session's mean. */
export const READERS_FACTOR = 2;
/** Brokers keep each message three times; two of them fetch it from the first. */
const KAFKA_COPIES = 3;
const BYTES_A_GB = 1e9;

/** How one part is made: least for availability, more for load. */
interface Kind {
  readonly name: string;
  /** So many that one may die. */
  readonly processesMin: number;
  readonly coresMin: number;
  /** A process of ours has one thread for orders: more load means more processes. Servers of others: more cores. */
  readonly grows: 'processes' | 'cores';
  readonly memoryGb: (cores: number) => number;
  /** µs of a core for an order, of all processes of the part. Of `each`: every server does all of it. */
  readonly micros: number;
  readonly isEach?: boolean;
  /** Orders a second it is sized for. */
  readonly rate: (traffic: Traffic) => number;
}

const atPeak = ({ peak }: Traffic): number => peak;
/** Never more than the peak itself, of a day without one. */
const behind = ({ mean, peak }: Traffic): number => Math.min(peak, READERS_FACTOR * mean);
const constant = (gb: number) => (): number => gb;

const { door, sender, engine, kafkaCommands, kafkaNews, redis } = MEASURED;
const { postgresJournal, postgresViews, postgresNews, projector, publisher } = MEASURED;

function kindsOf({ ordersADay }: Workload): readonly Kind[] {
  const dayGb = (MEASURED.finished.value * ordersADay) / BYTES_A_GB; // one engine may come to own all shards
  const ours = { coresMin: 1, grows: 'processes' } as const;
  const theirs = { coresMin: 2, grows: 'cores' } as const;
  return [
    {
      name: 'api',
      processesMin: 3,
      ...ours,
      memoryGb: constant(1),
      micros: door.value + sender.value,
      rate: atPeak,
    },
    {
      name: 'engine',
      processesMin: 3,
      ...ours,
      memoryGb: constant(1 + dayGb),
      micros: engine.value,
      rate: atPeak,
    },
    {
      name: 'projector',
      processesMin: 2,
      ...ours,
      memoryGb: constant(1),
      micros: projector.value,
      rate: behind,
    },
    {
      name: 'publisher',
      processesMin: 2,
      ...ours,
      memoryGb: constant(1),
      micros: publisher.value,
      rate: behind,
    },
    {
      name: 'kafka',
      processesMin: 3,
      ...theirs,
      memoryGb: (cores) => 2 * cores,
      micros: KAFKA_COPIES * (kafkaCommands.value + kafkaNews.value),
      rate: atPeak,
    },
    {
      name: 'redis',
      processesMin: 3,
      ...theirs,
      coresMin: 1,
      memoryGb: constant(1),
      micros: redis.value,
      isEach: true,
      rate: atPeak,
    },
    {
      name: 'postgres',
      processesMin: 3, // two standbys, of which either may be away
      ...theirs,
      memoryGb: (cores) => Math.max(8, 4 * cores),
      micros: postgresJournal.value + postgresViews.value + postgresNews.value,
      isEach: true,
      rate: atPeak,
    },
  ];
}

/** What a load balancer takes was not measured: two, as in the topology, whatever the load. */
const BALANCERS: Part = {
  name: 'load balancer',
  processes: 2,
  cores: 1,
  memoryGb: 1,
  utilisation: undefined,
};

const MICROS_A_SECOND = 1e6;

/** Cores that `micros` for each of `rate` orders a second keep busy. */
const coresBusy = (micros: number, rate: number): number => (micros * rate) / MICROS_A_SECOND;

function partOf(kind: Kind, traffic: Traffic): Part {
  const busy = coresBusy(kind.micros, kind.rate(traffic));
  const wanted = busy / UTILISATION_MAX;
  const isMany = kind.grows === 'processes';
  const processes = isMany ? Math.max(kind.processesMin, Math.ceil(wanted)) : kind.processesMin;
  const share = kind.isEach === true ? 1 : 1 / processes;
  const cores = isMany ? kind.coresMin : Math.max(kind.coresMin, Math.ceil(wanted * share));
  return {
    name: kind.name,
    processes,
    cores,
    memoryGb: kind.memoryGb(cores),
    utilisation: (busy * share) / cores,
  };
}

/** The parts of the whole topology (docs/operations/topology.md), each with what it needs. */
export function nodesFor(workload: Workload, traffic: Traffic): Nodes {
  const parts = kindsOf(workload).map((kind) => partOf(kind, traffic));
  const threads = [coresBusy(engine.value, traffic.peak), coresBusy(publisher.value, behind(traffic))];
  return {
    parts: [BALANCERS, ...parts],
    shardsMin: Math.max(1, ...threads.map((busy) => Math.ceil(busy / UTILISATION_MAX))),
  };
}
