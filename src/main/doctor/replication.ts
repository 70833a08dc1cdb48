/** Who follows the primary, how near, and whether commits wait for somebody who is not there. */
import type pg from 'pg';
import { type Follower, isSynchronous, readFollowers } from '../../database/replication.ts';
import type { ServerSettings } from './database-settings.ts';
import { bad, type Finding, ok, warn } from './finding.ts';
import { sightFor } from './sight.ts';

const REPLICATION = 'replication';
const MIB = 2 ** 20;
const LAG_SECONDS_MAX = 5;
/** What a standby that is away keeps the primary from throwing away, in bytes. */
const KEPT_BYTES_MAX = 1024 * MIB;

export interface Slot {
  readonly name: string;
  readonly isActive: boolean;
  readonly isLost: boolean;
  readonly keptBytes: number;
}

const SLOTS = `
  select slot_name as name, active as "isActive", coalesce(wal_status = 'lost', false) as "isLost",
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8 as "keptBytes"
  from pg_replication_slots where not temporary order by slot_name`;

/** Of a primary: a standby cannot say. */
export async function examineReplication(
  client: Pick<pg.ClientBase, 'query'>,
  settings: ServerSettings,
  isAlone: boolean,
): Promise<readonly Finding[]> {
  const followers = await readFollowers(client);
  const slots = (await client.query<Slot>(SLOTS)).rows;
  const named = settings.get('synchronous_standby_names')?.trim() ?? '';
  return [
    ...(followers === undefined
      ? await judgeHidden(client, named, isAlone)
      : [...judgeStandbys(named, followers, isAlone), ...followers.map(judgeFollower)]),
    ...slots.flatMap((slot) => [...judgeSlot(slot)]),
  ];
}

/** What is not seen is not judged: a healthy pair looks to such a user as one without standbys. */
async function judgeHidden(
  client: Pick<pg.ClientBase, 'query'>,
  named: string,
  isAlone: boolean,
): Promise<readonly Finding[]> {
  const says = 'standbys are connected, and how they are cannot be seen';
  const unnamed = named === '' ? judgeStandbys(named, [], isAlone) : [];
  return [warn(REPLICATION, says, await sightFor(client)), ...unnamed];
}

/** `isAlone`: a database on this one machine, which nobody expects to outlive it. */
export function* judgeStandbys(
  named: string,
  followers: readonly Follower[],
  isAlone: boolean,
): Generator<Finding> {
  if (named === '') {
    if (isAlone) return;
    const remedy = "add a standby, and name it: synchronous_standby_names = 'ANY 1 (…)'";
    yield warn(
      REPLICATION,
      'no standby is waited for: with its disk the primary loses confirmed orders',
      remedy,
    );
    return;
  }
  const needed = standbysNeeded(named);
  const there = followers.filter(isSynchronous).length;
  if (there >= needed) {
    yield ok(REPLICATION, `each commit waits for ${needed} of ${there} synchronous standbys`);
    if (there > needed) return;
    const remedy = 'add one more standby to synchronous_standby_names: then one may fail';
    yield warn(REPLICATION, 'when one synchronous standby fails, every commit waits for it', remedy);
    return;
  }
  const remedy =
    'bring the standbys back; one that is lost for good is replaced, or taken out of synchronous_standby_names last of all';
  yield bad(REPLICATION, `commits wait for ${needed} standbys of "${named}", and ${there} are there`, remedy);
}

/** `FIRST 2 (a, b, c)`, `ANY 1 (a, b)`, `2 (a, b)`, or names alone: one. */
export function standbysNeeded(named: string): number {
  return Number(/^\s*(?:any\s+|first\s+)?(\d+)\s*\(/i.exec(named)?.[1] ?? 1);
}

function judgeFollower({ name, state, sync, lagBytes, lagSeconds = 0 }: Follower): Finding {
  const behind = lagBytes === undefined ? '' : `, ${(lagBytes / MIB).toFixed(1)} MiB behind`;
  const says = `${name} (${sync}) is ${state}${behind}`;
  if (state !== 'streaming') {
    return warn(REPLICATION, says, 'wait until it has caught up; look at its log if it does not');
  }
  if (lagSeconds <= LAG_SECONDS_MAX) return ok(REPLICATION, says);
  const late = `${says}, ${lagSeconds.toFixed(0)} s`;
  return warn(REPLICATION, late, 'look at its disk and its network, and at long queries on it');
}

function* judgeSlot({ name, isActive, isLost, keptBytes }: Slot): Generator<Finding> {
  const remedy = `bring its standby back, or drop the slot: select pg_drop_replication_slot('${name}')`;
  if (isLost)
    yield bad(REPLICATION, `the slot ${name} has lost what its standby needs`, 'make that standby anew');
  else if (!isActive && keptBytes > KEPT_BYTES_MAX) {
    yield bad(REPLICATION, `nobody uses the slot ${name}, and it fills the disk of the primary`, remedy);
  } else if (!isActive) yield warn(REPLICATION, `nobody uses the slot ${name}`, remedy);
}
