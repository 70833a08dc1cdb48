/** The embedded server's data folder: made once, checked at every start, and the settings that go with it. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../faults/fault.ts';
import { type Binaries, majorVersion } from './binaries.ts';
import { chooseIdentity, type Identity } from './identity.ts';
import { messageOf } from './outage.ts';

/** All paths of one embedded server, below the platform's data directory. */
export interface Cluster {
  readonly dataDir: string;
  /** PostgreSQL's own folder. */
  readonly folder: string;
  readonly passwordFile: string;
  readonly logFile: string;
  readonly lockFile: string;
}

export const DATABASE_USER = 'itirp';
export const DATABASE_NAME = 'itirp';

/** Makes the data directory where it is missing, and names all in it. Links are resolved: one folder has one name. */
export async function clusterIn(dataDir: string): Promise<Cluster> {
  const made = await mkdir(resolve(dataDir), { recursive: true, mode: 0o755 });
  if (made !== undefined) await giveToCaller(made);
  const root = await realpath(dataDir);
  return {
    dataDir: root,
    folder: join(root, 'postgres'),
    passwordFile: join(root, 'postgres.password'),
    logFile: join(root, 'postgres.log'),
    lockFile: join(root, 'postgres.launch'),
  };
}

/** Under sudo the caller owns what is new, so that he can go on without sudo. */
async function giveToCaller(folder: string): Promise<void> {
  const { SUDO_UID, SUDO_GID } = process.env;
  if (process.getuid?.() === 0 && SUDO_UID !== undefined) {
    await chown(folder, Number(SUDO_UID), Number(SUDO_GID ?? SUDO_UID));
  }
}

/** How `user` connects to `database` on the loopback `port`. @throws Fault DATABASE_LAUNCH: the password is lost */
export async function urlOf(cluster: Cluster, port: number, database = DATABASE_NAME): Promise<string> {
  try {
    const password = (await readFile(cluster.passwordFile, 'utf8')).trim();
    return `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/${database}`;
  } catch (error) {
    throw new Fault('DATABASE_LAUNCH', `its password cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Makes the data folder unless there is one; says who the server has to run as. The caller holds the launch lock.
 * @throws Fault DATABASE_VERSION: the folder is of another major version than the programs
 * @throws Fault DATABASE_LAUNCH
 */
export async function prepare(cluster: Cluster, binaries: Binaries): Promise<Identity> {
  const versionFile = join(cluster.folder, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const made = (await readFile(versionFile, 'utf8')).trim();
    const identity = await chooseIdentity(binaries.postgres, cluster.folder);
    await checkVersion(cluster, binaries, made);
    return identity;
  }
  return await initialise(cluster, binaries);
}

async function checkVersion(cluster: Cluster, binaries: Binaries, made: string): Promise<void> {
  const major = await majorVersion(binaries);
  if (made === String(major)) return;
  throw new Fault(
    'DATABASE_VERSION',
    `${cluster.folder} was made by PostgreSQL ${made}, and the programs here are ${major}; set ITIRP_PG_BIN to the ` +
      `bin folder of a PostgreSQL ${made}, or upgrade the folder with pg_upgrade`,
  );
}

/** Beside its final place, then moved: a start that is killed in the middle leaves nothing half made. */
async function initialise(cluster: Cluster, binaries: Binaries): Promise<Identity> {
  const beginning = `${cluster.folder}.new`;
  await rm(beginning, { recursive: true, force: true });
  await mkdir(beginning, { mode: 0o700 });
  const identity = await chooseIdentity(binaries.initdb, beginning);
  await writeFile(cluster.passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (identity.owner) await chown(cluster.passwordFile, identity.owner.uid, identity.owner.gid);

  const { file, args, options } = identity.invoke(binaries.initdb, [
    `--pgdata=${beginning}`,
    `--username=${DATABASE_USER}`,
    `--pwfile=${cluster.passwordFile}`,
    '--auth=scram-sha-256',
    '--data-checksums',
    '--encoding=UTF8',
    '--locale=C', // the same order of texts on every system and for ever
  ]);
  try {
    await promisify(execFile)(file, [...args], options);
    await rename(beginning, cluster.folder);
  } catch (error) {
    await rm(beginning, { recursive: true, force: true });
    throw new Fault('DATABASE_LAUNCH', complaintOf(error), { cause: error });
  }
  return identity;
}

/** initdb's own words; a user id without a name (a container's, say) is the one that needs a remedy. */
function complaintOf(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  const words = stderr === '' ? messageOf(error) : stderr;
  const isNameless = words.includes('user does not exist');
  return isNameless ? `${words}; give this user id a name in /etc/passwd, or set POSTGRES_URL` : words;
}

/** What the server runs with, given at each start: a newer program brings newer settings. Sized for a laptop. */
export function settings(port: number): readonly string[] {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 100,
    fsync: 'on', // the acknowledgement is the promise
    synchronous_commit: 'on',
    full_page_writes: 'on',
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    jit: 'off', // short statements only
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
