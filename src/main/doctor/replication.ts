/** Who follows the primary, how near, and whether commits wait for somebody who is not there. */
import type pg from 'pg';
import type { ServerSettings } from './database-settings.ts';
import { bad, type Finding, ok, warn } from './finding.ts';

const REPLICATION = 'replication';
const MIB = 2 ** 20;
const LAG_SECONDS_MAX = 5;
/** What a standby that is away keeps the primary from throwing away, in bytes. */
const KEPT_BYTES_MAX = 1024 * MIB;

export interface Follower {
  readonly name: string;
  readonly state: string;
  /** sync, quorum, potential or async. */
  readonly sync: string;
  readonly behindBytes: number;
  readonly behindSeconds: number;
}

export interface Slot {
  readonly name: string;
  readonly isActive: boolean;
  readonly isLost: boolean;
  readonly keptBytes: number;
}

const FOLLOWERS = `
  select application_name as name, coalesce(state, 'hidden') as state, coalesce(sync_state, 'hidden') as sync,
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::float8 as "behindBytes",
    coalesce(extract(epoch from replay_lag), 0)::float8 as "behindSeconds"
  from pg_stat_replication where coalesce(state, '') <> 'backup' order by application_name`;
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
  const followers = (await client.query<Follower>(FOLLOWERS)).rows;
  const slots = (await client.query<Slot>(SLOTS)).rows;
  const named = settings.get('synchronous_standby_names')?.trim() ?? '';
  return [
    ...judgeStandbys(named, followers, isAlone),
    ...followers.map(judgeFollower),
    ...slots.flatMap((slot) => [...judgeSlot(slot)]),
  ];
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
  const there = followers.filter(({ sync }) => sync === 'sync' || sync === 'quorum').length;
  if (there >= needed) {
    yield ok(REPLICATION, `each commit waits for ${needed} of ${there} synchronous standbys`);
    if (there > needed) return;
    const remedy = 'add one more standby to synchronous_standby_names: then one may fail';
    yield warn(REPLICATION, 'when one synchronous standby fails, every commit waits for it', remedy);
    return;
  }
  const remedy = 'bring the standbys back, or take them out of synchronous_standby_names and reload';
  yield bad(REPLICATION, `commits wait for ${needed} standbys of "${named}", and ${there} are there`, remedy);
}

/** `FIRST 2 (a, b, c)`, `ANY 1 (a, b)`, `2 (a, b)`, or names alone: one. */
export function standbysNeeded(named: string): number {
  return Number(/^\s*(?:any\s+|first\s+)?(\d+)\s*\(/i.exec(named)?.[1] ?? 1);
}

function judgeFollower({ name, state, sync, behindBytes, behindSeconds }: Follower): Finding {
  const says = `${name} (${sync}) is ${state}, ${(behindBytes / MIB).toFixed(1)} MiB behind`;
  if (state !== 'streaming' && state !== 'hidden') {
    return warn(REPLICATION, says, 'wait until it has caught up; look at its log if it does not');
  }
  if (behindSeconds <= LAG_SECONDS_MAX) return ok(REPLICATION, says);
  const late = `${says}, ${behindSeconds.toFixed(0)} s`;
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
