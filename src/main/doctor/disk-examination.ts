/** Is there room where this machine keeps what must not be lost, and may it be written? */
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../../database/outage.ts';
import type { Config } from '../config.ts';
import { bad, type Examination, type Finding, ok, warn } from './finding.ts';

const DISK = 'disk';
const GIB = 2 ** 30;
const FREE_BYTES_MIN = GIB;
/** Of a smaller one the share alone says: so much is a good part of it, or more than all, as of a volume for checkpoints. */
const SIZE_BYTES_LARGE = 4 * GIB;
const FREE_SHARE_MIN = 0.05;
const FREE_SHARE_WELL = 0.15;

export interface Room {
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

export const examineDisk: Examination = async ({ config }) =>
  await Promise.all(foldersOf(config).map(([name, folder]) => lookAt(name, resolve(folder))));

/** The embedded PostgreSQL's data too: an external one's disk is another machine's. */
function foldersOf(config: Config): readonly (readonly [string, string])[] {
  const { POSTGRES_URL, DATA_DIR, CHECKPOINT_DIR, CHECKPOINT_TO, BACKUP_TO } = config;
  const named = {
    ...(POSTGRES_URL === undefined ? { DATA_DIR } : {}),
    CHECKPOINT_DIR,
    CHECKPOINT_TO,
    BACKUP_TO,
  };
  return Object.entries(named).flatMap(([name, folder]) =>
    folder === undefined || folder.startsWith('s3://') ? [] : [[name, folder] as const],
  );
}

async function lookAt(name: string, folder: string): Promise<Finding> {
  try {
    const there = await nearest(folder);
    await access(there, constants.W_OK | constants.X_OK);
    const { bavail, blocks, bsize } = await statfs(there);
    return judgeRoom(`${name} ${folder}`, { freeBytes: bavail * bsize, sizeBytes: blocks * bsize });
  } catch (error) {
    const remedy = 'make the folder, owned by the user that runs the program, or name another one';
    return bad(DISK, `${name} ${folder} cannot be written: ${messageOf(error)}`, remedy);
  }
}

/** What will be made is judged by the folder that it will be made in. */
async function nearest(folder: string): Promise<string> {
  try {
    const facts = await stat(folder);
    if (!facts.isDirectory()) throw new Error('it is no folder');
    return folder;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isMissing || dirname(folder) === folder) throw error;
    return await nearest(dirname(folder));
  }
}

/** By share, and a disk of the usual size by what is left of it too: a twentieth of it is soon gone. */
export function judgeRoom(place: string, { freeBytes, sizeBytes }: Room): Finding {
  const share = sizeBytes === 0 ? 0 : freeBytes / sizeBytes;
  const says = `${place}: ${(freeBytes / GIB).toFixed(1)} of ${(sizeBytes / GIB).toFixed(1)} GiB are free`;
  const isLarge = sizeBytes >= SIZE_BYTES_LARGE;
  if (share < FREE_SHARE_MIN || (isLarge && freeBytes < FREE_BYTES_MIN)) {
    return bad(DISK, says, 'make room now: a full disk stops every order');
  }
  return share < FREE_SHARE_WELL ? warn(DISK, says, 'make room, or give it a larger disk') : ok(DISK, says);
}
