/** The disk of PostgreSQL's primary full, under load: nothing is promised that is not written, and room is enough to go on. */
import { execFile } from 'node:child_process';
import { rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PostgresServer } from '../../../stack/postgres-server.ts';
import type { Load } from '../load/load.ts';
import { Trial } from './trial.ts';

const run = promisify(execFile);
/** Beside what the database has already, in MiB. */
const ROOM_MB = 160;

let trial: Trial;
let small: string | undefined;

beforeAll(async () => {
  trial = await Trial.open();
});
afterEach(() => trial.restore());
afterAll(async () => {
  if (small !== undefined) {
    const server = await trial.stack.postgres.primary();
    await server.stop();
    await withoutMount(small);
    await trial.stack.up();
  }
  await trial.proveReaders(); // not before: a rebuild wants more room than there was
});

/** Moves a stopped server's data onto a small file system at the same path. False: this machine does not let us. */
async function onSmallDisk({ folder }: PostgresServer): Promise<boolean> {
  const { stdout } = await run('du', ['-sm', folder]);
  const size = Number.parseInt(stdout, 10) + ROOM_MB;
  const aside = `${folder}.aside`;
  await run('mkdir', ['-p', aside]);
  const owner = await stat(folder);
  const options = `size=${size}m,mode=0700,uid=${owner.uid},gid=${owner.gid}`;
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'itirp', aside]);
  } catch {
    await rm(aside, { recursive: true });
    return false; // only root may, and not in every container
  }
  await run('cp', ['-a', `${folder}/.`, aside]);
  await run('mount', ['--bind', aside, folder]);
  small = folder;
  return true;
}

async function withoutMount(folder: string): Promise<void> {
  const aside = `${folder}.aside`;
  const kept = `${folder}.kept`;
  await run('cp', ['-a', aside, kept]);
  await run('umount', [folder]);
  await run('umount', [aside]);
  await rm(aside, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  await run('mv', [kept, folder]);
  small = undefined;
}

test('the disk is full: orders are refused or unknown, and taken again when there is room', async ({
  skip,
}) => {
  const server = await trial.stack.postgres.primary();
  await server.stop();
  const isSmall = await onSmallDisk(server);
  await trial.restore();
  skip(!isSmall, 'only root may mount a small file system, and not in every container');
  const failure = async (load: Load): Promise<void> => {
    const ballast = join(server.folder, 'ballast');
    await fill(ballast, server.folder);
    const known = load.figures.known;
    await sleep(6_000);
    console.log(`full disk: ${load.figures.known - known} orders known while it was full`);
    expect((await statfs(server.folder)).bavail).toBeLessThan(8_192); // it is still full
    await rm(ballast);
    await trial.stack.postgres.startPrimary(); // it may have ended
  };
  await trial.underLoad('full disk', failure, { measure: 'disk of PostgreSQL full for 6 s' });
});

/** Takes all room that there is, also what becomes free while it does. */
async function fill(path: string, folder: string): Promise<void> {
  const chunk = Buffer.alloc(1_048_576, 1);
  for (let left = 1; left > 0; ) {
    await writeFile(path, chunk, { flag: 'a' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOSPC') throw error;
    });
    left = Number((await statfs(folder)).bavail);
  }
}
