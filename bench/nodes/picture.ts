/** The whole picture of the stack, for as long as a benchmark lasts: real software, in a folder that goes with it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../src/database/migrations.ts';
import type { ItirpRole } from '../../stack/layout.ts';
import { bringUp, type Role } from '../../stack/part.ts';
import { softwareFolder } from '../../stack/software.ts';
import { Stack } from '../../stack/stack.ts';
import { TRADERS } from '../../stack/users.ts';
import { liftLimits, signIn } from '../http/platform.ts';
import { onLeave } from '../run/leaving.ts';
import { cpuSecondsOf } from './cpu.ts';

/** One broker: three on one machine would only write the same bytes three times to the same disk. */
const BROKERS = 1;
const SETTINGS = { RATE_LIMIT_PER_MINUTE: '0', LOG_LEVEL: 'warn' };

/** Who trades in which shard, signed in. */
export interface Seat {
  readonly shard: string;
  readonly account: string;
  readonly token: string;
}

/** Lends `work` the stack, up and with its limits lifted, and takes it away again, whatever happens. */
export async function withPicture<T>(work: (stack: Stack) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-nodes-'));
  const stack = await Stack.open({
    folder,
    software: softwareFolder(),
    brokers: BROKERS,
    settings: SETTINGS,
  });
  const takeAway = async (): Promise<void> => {
    await Promise.all(stack.parts.map(({ daemon }) => daemon.kill()));
    await rm(folder, { recursive: true, force: true });
  };
  const callOff = onLeave(takeAway);
  try {
    await stack.up();
    await liftLimits(stack.url);
    return await work(stack);
  } finally {
    callOff();
    await takeAway();
  }
}

/** A trader of each shard. */
export async function seatsOf(stack: Stack): Promise<readonly Seat[]> {
  const shards = (stack.processes[0]?.settings.SHARDS ?? '').split(',');
  return await Promise.all(
    TRADERS.map(async ({ username, account }, index) => ({
      shard: shards[index] ?? '',
      account,
      token: await signIn(stack.url, username, stack.state.secrets.traders),
    })),
  );
}

/** Ends all processes of `roles`; they are killed, since what they were doing is of no more interest. */
export async function without(stack: Stack, roles: readonly ItirpRole[]): Promise<void> {
  const parts = roles.flatMap((role) => stack.partsCalled(role));
  await Promise.all(parts.map(({ daemon }) => daemon.kill()));
}

/** Starts those of `roles` that do not run; resolves when they serve. */
export async function withAgain(stack: Stack, roles: readonly ItirpRole[]): Promise<void> {
  for (const role of roles) await Promise.all(stack.partsCalled(role).map(bringUp));
}

/** The processes of `role` (of PostgreSQL both servers), in seconds of a core since they were started. */
export async function cpuOf(stack: Stack, role: Role): Promise<number> {
  const lives = await Promise.all(stack.partsCalled(role).map(({ daemon }) => daemon.find()));
  const there = lives.filter((life) => life !== undefined);
  const seconds = await Promise.all(there.map(({ pid }) => cpuSecondsOf(pid)));
  return seconds.reduce((sum, each) => sum + each, 0);
}

/** Another database on the stack's two servers, with our tables: whoever uses it is alone there. Returns its URL. */
export async function databaseBeside(stack: Stack, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: (await stack.postgres.primary()).url });
  await admin.connect();
  try {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name} owner itirp`);
  } finally {
    await admin.end();
  }
  const url = new URL(stack.postgres.urlAt([`127.0.0.1:${(await stack.postgres.primary()).port}`]));
  url.pathname = `/${name}`;
  await migrate(url.href);
  return url.href;
}
