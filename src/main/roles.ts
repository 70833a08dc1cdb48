/** What a process does in the deployment: all of it, or some parts of it. */
import { Fault } from '../faults/fault.ts';
import type { Config } from './config.ts';

/** In the order a fact meets them. */
export const ROLES = ['api', 'engine', 'projector', 'publisher'] as const;
export type Role = (typeof ROLES)[number];

const isRole = (name: string): name is Role => ROLES.some((role) => role === name);

/**
 * The roles that ROLE names; none or `all`: every one.
 * @throws Fault CONFIG_INVALID: there is no such role
 */
export function rolesOf({ ROLE }: Pick<Config, 'ROLE'>): ReadonlySet<Role> {
  const unknown = strangersIn(ROLE);
  if (unknown.length > 0) throw new Fault('CONFIG_INVALID', `ROLE ${unknown.join(', ')}`);
  return new Set(ROLE.length === 0 || ROLE.includes('all') ? ROLES : ROLE.filter(isRole));
}

/** Words in ROLE that name no role. */
export const strangersIn = (given: readonly string[]): readonly string[] =>
  given.filter((name) => name !== 'all' && !isRole(name));

/** Every shard of the deployment, in the order of the partitions. */
export const shardsOf = ({ SHARDS, SHARD }: Pick<Config, 'SHARDS' | 'SHARD'>): readonly string[] =>
  SHARDS.length === 0 ? [SHARD] : SHARDS;

/** Does the process share the work with others, over Kafka and Redis? */
export const isOneOfMany = ({ KAFKA_BROKERS }: Pick<Config, 'KAFKA_BROKERS'>): boolean =>
  KAFKA_BROKERS.length > 0;

/** Whose figures the process shows: a process that is alone does everything. */
export const shownRoles = (config: Pick<Config, 'KAFKA_BROKERS' | 'ROLE'>): ReadonlySet<Role> =>
  isOneOfMany(config) ? rolesOf(config) : new Set(ROLES);
