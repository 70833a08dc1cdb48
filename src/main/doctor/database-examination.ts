/** PostgreSQL, from whether it answers to whether it holds this deployment's schema; and its standbys. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { clockOffsetBy } from '../../database/clock-check.ts';
import { EmbeddedServer } from '../../database/embedded.ts';
import { messageOf } from '../../database/outage.ts';
import { type SchemaStanding, schemaStanding } from '../../database/schema-standing.ts';
import { judgeClock } from './clock.ts';
import { examineConnections } from './connections.ts';
import { type AnsweringHost, askHosts, type Hosts, judgeSilent, judgeVersion } from './database-hosts.ts';
import { judgeSettings, readServerSettings } from './database-settings.ts';
import { examineDeployment } from './deployment-examination.ts';
import { bad, type Examination, type Finding, ok, type Patient, warn } from './finding.ts';
import { examineMaintenance } from './maintenance.ts';
import { examineReplication } from './replication.ts';

const POSTGRES = 'postgres';
const SCHEMA = 'schema';

export const examineDatabase: Examination = async (patient) => {
  const { POSTGRES_URL: url } = patient.config;
  return url === undefined ? await examineEmbedded(patient) : await examineAt(url, patient);
};

/** As it is found: one that does not run is not started, and none is stopped. */
async function examineEmbedded(patient: Patient): Promise<readonly Finding[]> {
  const { DATA_DIR: dataDir } = patient.config;
  const isThere = await stat(join(dataDir, 'postgres', 'PG_VERSION')).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    const remedy = '`itirp migrate` or the first start makes one; or set POSTGRES_URL';
    return [warn(POSTGRES, `there is no embedded database in ${dataDir} yet`, remedy)];
  }
  try {
    const url = await (await EmbeddedServer.on(dataDir, () => {})).runningUrl();
    if (url !== undefined) return await examineAt(url, patient);
    const says = `the embedded database in ${dataDir} does not run, and was not looked into`;
    return [warn(POSTGRES, says, 'start the platform, and examine again')];
  } catch (error) {
    return [bad(POSTGRES, messageOf(error), `look at postgres.log in ${dataDir}`)];
  }
}

async function examineAt(url: string, patient: Patient): Promise<readonly Finding[]> {
  const hosts = await askHosts(url);
  try {
    const { answering, silent } = hosts;
    const primary = primaryOf(answering);
    const reached = [
      ...silent.map((host) => judgeSilent(host, POSTGRES, primary !== undefined)),
      ...answering.map(({ host, facts }) => judgeVersion(host, POSTGRES, facts)),
      ...judgeCluster(answering),
    ];
    if (primary === undefined && answering.length > 0) {
      const says = 'each one that answers is a standby, or refuses writes';
      reached.push(
        bad(POSTGRES, says, 'bring the primary back or promote a standby; name it in POSTGRES_URL'),
      );
    }
    if (primary === undefined) return reached;
    return [
      ...reached,
      ...(await examinePrimary(primary.client, patient)),
      ...(await examineReplica(patient, primary)),
    ];
  } finally {
    await hosts.close();
  }
}

/** Of several that take writes the one of the newest timeline. */
const primaryOf = (hosts: readonly AnsweringHost[]): AnsweringHost | undefined =>
  hosts
    .filter(({ facts }) => facts.takesWrites)
    .toSorted((one, other) => other.facts.timeline - one.facts.timeline)[0];

function* judgeCluster(hosts: readonly AnsweringHost[]): Generator<Finding> {
  if (new Set(hosts.map(({ facts }) => facts.systemIdentifier)).size > 1) {
    const says = 'the hosts in POSTGRES_URL are not primary and standbys of one another';
    yield bad(POSTGRES, says, 'name the hosts of one cluster');
  }
  const writable = hosts.filter(({ facts }) => facts.takesWrites);
  if (writable.length > 1) {
    const says = `${writable.map(({ host }) => host).join(' and ')} all take writes`;
    yield bad(POSTGRES, says, 'stop the one of the older timeline: what it takes now is lost');
  }
}

/** One question after the other, on one connection; what one of them cannot be told keeps nothing from the others. */
async function examinePrimary(client: pg.Client, patient: Patient): Promise<readonly Finding[]> {
  const { config, now } = patient;
  const settings = await readServerSettings(client);
  const looks: readonly (readonly [string, () => Promise<readonly Finding[]>])[] = [
    [POSTGRES, async () => judgeSettings(settings)],
    [POSTGRES, () => examineConnections(client, settings, config)],
    [POSTGRES, () => timescale(client)],
    ['clock', async () => [judgeClock('PostgreSQL', await clockOffsetBy(client))]],
    ['replication', () => examineReplication(client, settings, config.POSTGRES_URL === undefined)],
    [SCHEMA, async () => judgeSchema(await schemaStanding(client))],
    ['deployment', () => examineDeployment(client, config)],
    ['maintenance', () => examineMaintenance(client, now())],
  ];
  const findings: Finding[] = [];
  for (const [about, look] of looks) {
    try {
      findings.push(...(await look()));
    } catch (error) {
      findings.push(
        bad(about, `could not be looked at: ${messageOf(error)}`, 'grant the user what it needs'),
      );
    }
  }
  return findings;
}

async function timescale(client: pg.Client): Promise<readonly Finding[]> {
  const ask = "select extversion from pg_extension where extname = 'timescaledb'";
  const version = (await client.query<{ extversion: string }>(ask)).rows[0]?.extversion;
  if (version !== undefined) return [ok(POSTGRES, `TimescaleDB ${version} keeps events by time`)];
  return [ok(POSTGRES, 'no TimescaleDB: events are partitioned by month without it')];
}

export function judgeSchema({ missing, changed, contracted }: SchemaStanding): readonly Finding[] {
  const findings = [
    ...changed.map((name) => bad(SCHEMA, `${name} was applied and is another file now`, 'restore the file')),
    ...contracted.map((name) =>
      bad(SCHEMA, `${name} is of a newer program, and took away from the schema`, 'run the newer program'),
    ),
  ];
  if (missing.length > 0) {
    const says = `${missing.length} migrations are not applied, from ${missing[0]} on`;
    findings.push(warn(SCHEMA, says, 'run `itirp migrate`; a start of the server does so too'));
  }
  return findings.length > 0 ? findings : [ok(SCHEMA, 'every migration is applied')];
}

/** The standby that reads are sent to, where there is one. */
async function examineReplica({ config }: Patient, primary: AnsweringHost): Promise<readonly Finding[]> {
  const { POSTGRES_REPLICA_URL: url } = config;
  if (url === undefined) return [];
  const about = 'replica';
  let hosts: Hosts | undefined;
  try {
    hosts = await askHosts(url);
    const [replica] = hosts.answering;
    if (replica === undefined) return hosts.silent.map((host) => judgeSilent(host, about, false));
    const { facts, host } = replica;
    if (facts.systemIdentifier !== primary.facts.systemIdentifier) {
      return [bad(about, `${host} is of another cluster than POSTGRES_URL`, 'name a standby of the primary')];
    }
    if (facts.takesWrites) {
      return [
        warn(
          about,
          `${host} takes writes: it is no standby`,
          'name a standby, or leave POSTGRES_REPLICA_URL out',
        ),
      ];
    }
    return [judgeVersion(host, about, facts), await lagOf(replica, about)];
  } catch (error) {
    return [bad(about, messageOf(error), 'set POSTGRES_REPLICA_URL right')];
  } finally {
    await hosts?.close();
  }
}

const REPLAY_SECONDS_MAX = 5;
/** Nothing to replay is no lag, however long ago the last of it was. */
const REPLAY = `
  select case when pg_last_wal_receive_lsn() is not distinct from pg_last_wal_replay_lsn() then 0
    else coalesce(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()), 0) end::float8 as seconds,
    exists (select from pg_stat_wal_receiver) as "isFed"`;

async function lagOf({ client, host }: AnsweringHost, about: string): Promise<Finding> {
  const { rows } = await client.query<{ seconds: number; isFed: boolean }>(REPLAY);
  const { seconds = 0, isFed = false } = rows[0] ?? {};
  if (!isFed)
    return warn(about, `${host} hears nothing of its primary`, 'look at its log and primary_conninfo');
  const says = `${host} has replayed all but ${seconds.toFixed(1)} s`;
  const remedy = 'look at long queries there, at its disk and its network; reads go to the primary meanwhile';
  return seconds > REPLAY_SECONDS_MAX ? warn(about, says, remedy) : ok(about, says);
}
