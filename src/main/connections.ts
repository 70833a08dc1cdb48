/** How many connections to PostgreSQL a node opens at most: what `max_connections` must have room for. */
import type { Config } from './config.ts';
import { isOneOfMany, rolesOf, shardsOf } from './roles.ts';

type Counts = Readonly<Record<string, number>>;

/** Of every server: its session (`pid` with a number), what looks at the server itself, and who the database belongs to. */
const SERVER: Counts = { pid: 1, looks: 1, deployment: 1 };
/** Of each writer. The snapshots that are made while it runs have a thread with connections of its own. */
const WRITER: Counts = { 'journal reader': 4, 'journal writer': 1, snapshots: 2, snapshot: 2 };
const DOORS: Counts = { access: 4 };
/** Reads that people wait for, and the same again for those that a standby cannot answer. */
const reading = ({ POSTGRES_POOL_MAX: max }: Pick<Config, 'POSTGRES_POOL_MAX'>): Counts => ({
  reads: 2 * max,
});

type Counted = Pick<Config, 'KAFKA_BROKERS' | 'ROLE' | 'SHARD' | 'SHARDS' | 'POSTGRES_POOL_MAX'>;

/**
 * Of one process, by what PostgreSQL shows them as, without the name of the program. An engine is reckoned with every shard: it owns
 * them all when the others are gone.
 */
export function connectionsByName(config: Counted): Counts {
  if (!isOneOfMany(config)) {
    return sumOf([SERVER, WRITER, { projector: 2, 'time tables': 1 }, DOORS, reading(config)]);
  }
  const roles = rolesOf(config);
  const eachShard = (counts: Counts): Counts => timesOf(shardsOf(config).length, counts);
  return sumOf([
    SERVER,
    { itirp: 1, firm: 4 }, // the first: which bus of the deployment is in use
    ...(roles.has('api') ? [DOORS, reading(config), { 'journal reader': 4, witness: 2 }] : []),
    ...(roles.has('engine') ? [{ formats: 1 }, eachShard(WRITER)] : []),
    ...(roles.has('projector') || roles.has('publisher') ? [{ leadership: 1, heads: 1 }] : []),
    ...(roles.has('projector') ? [{ 'time tables': 1 }, eachShard({ projector: 2 })] : []),
    ...(roles.has('publisher') ? [eachShard({ publisher: 2 })] : []),
  ]);
}

/** Each worker opens all that a process does; the one that starts them opens none. */
export const connectionsOfNode = (config: Counted & Pick<Config, 'WORKERS'>): number =>
  config.WORKERS * Object.values(connectionsByName(config)).reduce((sum, count) => sum + count, 0);

const timesOf = (times: number, counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, times * count]));

function sumOf(parts: readonly Counts[]): Counts {
  const sum: Record<string, number> = {};
  for (const [name, count] of parts.flatMap((counts) => Object.entries(counts))) {
    sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}
