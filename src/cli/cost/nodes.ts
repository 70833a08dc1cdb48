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
  /** Cores that are at work in all processes of the part together. */
  readonly busy: (traffic: Traffic) => number;
  /** Every server does all of it, where the others share it. */
  readonly isEach?: boolean;
}

/** Orders a second that readers are sized for. Never more than the peak itself, of a day without one. */
const behind = ({ mean, peak }: Traffic): number => Math.min(peak, READERS_FACTOR * mean);
const constant = (gb: number) => (): number => gb;

const MICROS_A_SECOND = 1e6;
/** Cores that `micros` of a core for each of `rate` orders a second keep busy. */
const coresBusy = (micros: number, rate: number): number => (micros * rate) / MICROS_A_SECOND;
/** Of what every order waits for. */
const atOnce = (micros: number) => (traffic: Traffic) => coresBusy(micros, traffic.peak);
/** Of what comes after. */
const afterwards = (micros: number) => (traffic: Traffic) => coresBusy(micros, behind(traffic));
const both =
  (now: number, later: number) =>
  (traffic: Traffic): number =>
    atOnce(now)(traffic) + afterwards(later)(traffic);

const { door, sender, engine, kafkaCommands, kafkaNews, redis } = MEASURED;
const { postgresJournal, postgresViews, postgresNews, projector, publisher } = MEASURED;

function kindsOf({ ordersADay }: Workload): readonly Kind[] {
  const dayGb = (MEASURED.finished.value * ordersADay) / BYTES_A_GB; // one engine may come to own all shards
  const ours = { coresMin: 1, grows: 'processes', memoryGb: constant(1) } as const;
  const theirs = { coresMin: 2, grows: 'cores' } as const;
  return [
    { ...ours, name: 'api', processesMin: 3, busy: atOnce(door.value + sender.value) },
    { ...ours, name: 'engine', processesMin: 3, memoryGb: constant(1 + dayGb), busy: atOnce(engine.value) },
    { ...ours, name: 'projector', processesMin: 2, busy: afterwards(projector.value) },
    { ...ours, name: 'publisher', processesMin: 2, busy: afterwards(publisher.value) },
    {
      ...theirs,
      name: 'kafka',
      processesMin: 3,
      memoryGb: (cores) => 2 * cores,
      busy: both(KAFKA_COPIES * kafkaCommands.value, KAFKA_COPIES * kafkaNews.value),
    },
    {
      ...theirs,
      name: 'redis',
      processesMin: 3,
      coresMin: 1,
      memoryGb: constant(1),
      busy: atOnce(redis.value),
      isEach: true,
    },
    {
      ...theirs,
      name: 'postgres',
      processesMin: 3, // two standbys, of which either may be away
      memoryGb: (cores) => Math.max(8, 4 * cores),
      busy: both(postgresJournal.value, postgresViews.value + postgresNews.value),
      isEach: true,
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

function partOf(kind: Kind, traffic: Traffic): Part {
  const busy = kind.busy(traffic);
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
  const threads = [atOnce(engine.value)(traffic), afterwards(publisher.value)(traffic)];
  return {
    parts: [BALANCERS, ...parts],
    shardsMin: Math.max(1, ...threads.map((busy) => Math.ceil(busy / UTILISATION_MAX))),
  };
}
