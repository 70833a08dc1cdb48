/** Does the database belong to this deployment, its shards and its bus? */
import type pg from 'pg';
import { checkDeployment } from '../../database/deployment.ts';
import { hasTable } from '../../database/has-table.ts';
import { Fault } from '../../faults/fault.ts';
import type { Config } from '../config.ts';
import { isOneOfMany, shardsOf } from '../roles.ts';
import { bad, type Finding, ok } from './finding.ts';
import { clusterOf } from './kafka-examination.ts';

const DEPLOYMENT = 'deployment';

interface Recorded {
  readonly name: string;
  readonly cluster: string | null;
}

export async function examineDeployment(
  client: Pick<pg.ClientBase, 'query'>,
  config: Config,
): Promise<readonly Finding[]> {
  if (!(await hasTable(client, 'deployment'))) return [ok(DEPLOYMENT, 'the database belongs to none yet')];
  const { rows } = await client.query<Recorded>('select name, cluster from deployment');
  const [recorded] = rows;
  if (recorded === undefined) return [ok(DEPLOYMENT, 'the database belongs to none yet')];
  const bus = isOneOfMany(config) ? await busOf(config, recorded) : undefined;
  try {
    await checkDeployment(client, { name: config.DEPLOYMENT, bus });
    return [ok(DEPLOYMENT, `the database belongs to "${recorded.name}"`)];
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'DEPLOYMENT_MIXED') throw error;
    return [bad(DEPLOYMENT, error.message, 'set DEPLOYMENT, SHARDS and the addresses of the services right')];
  }
}

/** What this node would say. Where Kafka does not answer, its cluster is believed: that is told elsewhere. */
async function busOf(config: Config, { cluster }: Recorded) {
  const { KAFKA_PREFIX: prefix } = config;
  const recorded =
    cluster === null ? '' : cluster.slice(0, cluster.length - (prefix === '' ? 0 : prefix.length + 1));
  const number = /~(\d+)$/.exec(recorded)?.[0] ?? '';
  const id = await clusterOf(config).catch(() => undefined);
  return { cluster: id === undefined ? recorded : id + number, prefix, shards: shardsOf(config) };
}
