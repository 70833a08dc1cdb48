/** Has PostgreSQL room for one more node like this one? */
import type pg from 'pg';
import type { Config } from '../config.ts';
import { connectionsOfNode } from '../connections.ts';
import type { ServerSettings } from './database-settings.ts';
import { bad, type Finding, ok, warn } from './finding.ts';
import { sightFor } from './sight.ts';

const POSTGRES = 'postgres';
const REMEDY = 'raise max_connections, or lower POSTGRES_POOL_MAX or WORKERS';

/** What sessions of others are is kept from a user without `pg_monitor`, and so how many of them are clients. */
const OPEN = `
  select count(*) filter (where backend_type = 'client backend')::integer as open,
    bool_or(backend_type is null) as "isHidden"
  from pg_stat_activity`;

export async function examineConnections(
  client: Pick<pg.ClientBase, 'query'>,
  settings: ServerSettings,
  config: Config,
): Promise<readonly Finding[]> {
  const { rows } = await client.query<{ open: number; isHidden: boolean }>(OPEN);
  const { open = 0, isHidden = true } = rows[0] ?? {};
  const judged = judgeConnections(settings, isHidden ? undefined : open, connectionsOfNode(config));
  if (!isHidden) return [judged];
  const says = 'how many connections are open cannot be seen';
  return [judged, warn(POSTGRES, says, await sightFor(client))];
}

/** Room for one more node among those that are connected now; `used`: undefined where that cannot be seen. */
export function judgeConnections(
  settings: ServerSettings,
  used: number | undefined,
  needed: number,
): Finding {
  const numberOf = (name: string): number => Number(settings.get(name) ?? 0);
  const kept = numberOf('superuser_reserved_connections') + numberOf('reserved_connections');
  const most = numberOf('max_connections') - kept;
  const open = used === undefined ? '' : ` ${used} are open,`;
  const says = `max_connections leaves room for ${most},${open} and a node opens up to ${needed}`;
  if (most < needed) return bad(POSTGRES, says, REMEDY);
  return most - (used ?? 0) < needed ? warn(POSTGRES, says, REMEDY) : ok(POSTGRES, says);
}
