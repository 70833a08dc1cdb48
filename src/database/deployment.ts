/** Which deployment a database belongs to: recorded at the first start, held against what every later node says. */
import type pg from 'pg';
import { Fault } from '../faults/fault.ts';
import { hasTable } from './has-table.ts';
import { NOT_YET } from './new-bus.ts';
import { asFault } from './outage.ts';

export interface Deployment {
  readonly name: string;
  /** What commands come over; undefined: this process does everything, and no bus is spoken of. */
  readonly bus?: Bus | undefined;
}

interface Bus {
  /** Its id; of a later bus of the deployment with its number too. */
  readonly cluster: string;
  /** Before the names of its topics: deployments on one cluster are told apart by it. */
  readonly prefix?: string;
  readonly shards: readonly string[];
  /** How many commands it held before this node joined. Default 0. */
  readonly kept?: number;
}

interface Recorded {
  readonly name: string;
  readonly cluster: string | null;
  readonly shards: readonly string[] | null;
}

interface Row extends Recorded {
  readonly founders: readonly string[] | null;
}

/** What a database says of its deployment to a node that has joined. */
export interface Joined {
  /** The shards that the firm began with: its first limits are theirs. A shard that is none of them was added later. */
  readonly founders: readonly string[];
}

/**
 * Makes sure, before anything of the database is changed, that it is not another deployment's. Reads only what the
 * oldest schema with a record of it has; one without is new to deployments, and so is an empty one.
 * @throws Fault DEPLOYMENT_MIXED as {@link joinDeployment}, DATABASE_UNAVAILABLE
 */
export async function checkDeployment(client: Pick<pg.ClientBase, 'query'>, ours: Deployment): Promise<void> {
  try {
    if (!(await hasTable(client, 'deployment'))) return;
    const { rows } = await client.query<Recorded>('select name, cluster, shards from deployment');
    refuseOther(rows[0], ours);
  } catch (error) {
    throw asFault(error);
  }
}

/**
 * Records `ours` in a database that is new to deployments, or makes sure that it is the one recorded. A bus may be
 * added to a deployment that had none or has left its own, and shards to the end of its list; both are then recorded.
 * @throws Fault DEPLOYMENT_MIXED: another name, another bus, or shards that are not a longer list of the same
 * @throws Fault DATABASE_UNAVAILABLE
 */
export async function joinDeployment(pool: pg.Pool, ours: Deployment): Promise<Joined> {
  const client = await pool.connect().catch(rethrow);
  try {
    await client.query('begin');
    await client.query('insert into deployment (name) values ($1) on conflict do nothing', [ours.name]);
    const ask = 'select name, cluster, shards, founders from deployment for update';
    const { rows } = await client.query<Row>(ask);
    const [recorded] = rows;
    refuseOther(recorded, ours);
    const joined = ours.bus === undefined ? { founders: [] } : await enrol(client, recorded, ours.bus);
    await client.query('commit');
    client.release();
    return joined;
  } catch (error) {
    client.release(true); // and with it goes the transaction
    throw asFault(error);
  }
}

/** Records what is new: the bus, the shards, and once which of them the firm began with. */
async function enrol(client: pg.ClientBase, recorded: Row | undefined, bus: Bus): Promise<Joined> {
  const { shards } = bus;
  const founders = recorded?.founders ?? recorded?.shards ?? (await beginnersOf(client, shards));
  const record = `update deployment set cluster = $1, shards = $2, founders = $3
    where (cluster, shards, founders) is distinct from ($1, $2::text[], $3::text[])`;
  await client.query(record, [nameOf(bus), shards, founders]);
  return { founders };
}

/** Those that have traded as one process, with limits of their own; all of them where nobody has. */
async function beginnersOf(client: pg.ClientBase, shards: readonly string[]): Promise<readonly string[]> {
  const ask = 'select shard from shards where head_position > 0 and shard = any($1::text[])';
  const { rows } = await client.query<{ shard: string }>(ask, [shards]);
  return rows.length === 0 ? shards : rows.map(({ shard }) => shard);
}

/** @throws Fault DEPLOYMENT_MIXED */
function refuseOther(recorded: Recorded | undefined, ours: Deployment): void {
  const wrong = recorded === undefined ? undefined : contradiction(recorded, ours);
  if (wrong !== undefined) throw new Fault('DEPLOYMENT_MIXED', wrong);
}

/** What is wrong, with the remedy; undefined: all agrees. */
function contradiction(recorded: Recorded, ours: Deployment): string | undefined {
  if (recorded.name !== ours.name) {
    return `it belongs to "${recorded.name}", and this is "${ours.name}"; set DEPLOYMENT or POSTGRES_URL right`;
  }
  if (recorded.cluster === null) return undefined; // the first to speak of a bus says which
  if (ours.bus === undefined) {
    return 'its nodes speak over Kafka; set KAFKA_BROKERS here too, or another POSTGRES_URL';
  }
  const bus = nameOf(ours.bus);
  if (recorded.cluster !== bus && recorded.cluster !== NOT_YET) {
    const leads = `and KAFKA_BROKERS with KAFKA_PREFIX leads to ${bus}`;
    return `its bus is the Kafka cluster ${recorded.cluster}, ${leads}; is that one lost for good: \`itirp new-bus\``;
  }
  const { kept = 0 } = ours.bus;
  if (recorded.cluster === NOT_YET && kept > 0) {
    const danger = `${bus} holds ${kept} commands already, and halts, limits and cancels among them would be decided again`;
    return `${danger}; is it the cluster that was left, delete its topic itirp.commands, or name an empty cluster in KAFKA_BROKERS`;
  }
  const theirs = recorded.shards ?? [];
  if (theirs.every((shard, n) => ours.bus?.shards[n] === shard)) return undefined;
  return `its shards are ${theirs.join(',')}, and SHARDS says ${ours.bus.shards.join(',')}; add new ones at the end`;
}

/** As it is recorded: the cluster's id, and what stands before the names of topics where anything does. */
const nameOf = ({ cluster, prefix = '' }: Bus): string => (prefix === '' ? cluster : `${cluster}/${prefix}`);

function rethrow(error: unknown): never {
  throw asFault(error);
}
