/** What an operator, or a failure test, does to parts that run: kill, pause, resume, restart, roll, look. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Vitals } from './daemon.ts';
import { bringUp, type Part, type Role } from './part.ts';
import type { Stack } from './stack.ts';

export type Health = 'ready' | 'not ready' | 'paused' | 'down';

export interface PartStatus {
  readonly name: string;
  readonly role: Role;
  readonly pid: number | undefined;
  readonly port: number;
  readonly health: Health;
  readonly memoryBytes: number;
  /** `primary`, `standby`; empty for most. */
  readonly note: string;
}

const SETTLE_PATIENCE_MS = 60_000;

/** SIGKILL to the processes of a part or a role, children too; resolves when they are gone. */
export async function kill(stack: Stack, name: string): Promise<void> {
  await Promise.all(stack.partsCalled(name).map(({ daemon }) => daemon.kill()));
}

/** SIGSTOP: it keeps its connections and answers nobody. */
export async function pause(stack: Stack, name: string): Promise<void> {
  await Promise.all(stack.partsCalled(name).map(({ daemon }) => daemon.signalAll('SIGSTOP')));
}

/** SIGCONT. */
export async function resume(stack: Stack, name: string): Promise<void> {
  await Promise.all(stack.partsCalled(name).map(({ daemon }) => daemon.signalAll('SIGCONT')));
}

/** Ends a part, or all of a role, in good order. */
export async function stop(stack: Stack, name: string): Promise<void> {
  await Promise.all(stack.partsCalled(name).map((part) => part.stop()));
}

/** Starts a part, or all of a role; resolves when it serves. @throws Error with its last words */
export async function start(stack: Stack, name: string): Promise<void> {
  const parts = stack.partsCalled(name);
  if (parts.some(({ role }) => role === 'postgres')) {
    if (parts.some(({ daemon }) => daemon.name === name)) return await startServer(stack, name);
    return await stack.postgres.start();
  }
  await Promise.all(parts.map((part) => part.launch()));
  await Promise.all(parts.map(bringUp));
}

/** The primary as it is; the standby with commits waiting for it again, from a new copy when need be. */
async function startServer(stack: Stack, name: string): Promise<void> {
  const primary = await stack.postgres.primary();
  await (primary.daemon.name === name ? stack.postgres.startPrimary() : stack.postgres.startStandby());
}

/** Stops and starts; resolves when it serves. */
export async function restart(stack: Stack, name: string): Promise<void> {
  await stop(stack, name);
  await start(stack, name);
}

/**
 * Restarts one part of a role after another, each only when the one before is back and has caught up; PostgreSQL's
 * standby first, then the roles change hands.
 * @throws Error when one does not come back: those after it are left as they are
 */
export async function rolling(
  stack: Stack,
  role: Role,
  say: (message: string) => void = () => {},
): Promise<void> {
  if (role === 'postgres') return await rollPostgres(stack, say);
  for (const { daemon } of stack.partsCalled(role)) {
    await restart(stack, daemon.name);
    await until(() => hasSettled(stack, role, daemon.name), `${daemon.name} to settle`);
    say(`restarted ${daemon.name}`);
  }
}

async function rollPostgres(stack: Stack, say: (message: string) => void): Promise<void> {
  const standby = await stack.postgres.standby();
  await standby.stop();
  await stack.postgres.startStandby();
  say(`restarted ${standby.daemon.name}, the standby`);
  await stack.postgres.failover();
  say(`${standby.daemon.name} is the primary now`);
}

/** Ready is not all: the load balancer must have seen it, a broker must hold all copies again. */
async function hasSettled(stack: Stack, role: Role, name: string): Promise<boolean> {
  if (role === 'kafka') return await stack.kafka.isInSync();
  if (role !== 'api') return true;
  const figures = await stack.haproxy.command('show stat -1 4 -1'); // servers, as comma-separated values
  return figures.split('\n').some((line) => line.startsWith(`api,${name},`) && line.includes(',UP,'));
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + SETTLE_PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${SETTLE_PATIENCE_MS / 1000} s for ${what}`);
    await sleep(100);
  }
}

/** Each part as it is now. */
export async function statusOf(stack: Stack): Promise<readonly PartStatus[]> {
  const primary = await stack.postgres.primary();
  return await Promise.all(
    stack.parts.map(async (part) => {
      const vitals = await part.daemon.vitals();
      const isPrimary = part.daemon.name === primary.daemon.name;
      return {
        name: part.daemon.name,
        role: part.role,
        pid: vitals?.pid,
        port: part.port,
        health: await healthOf(part, vitals),
        memoryBytes: vitals?.memoryBytes ?? 0,
        note: part.role !== 'postgres' ? '' : isPrimary ? 'primary' : 'standby',
      };
    }),
  );
}

async function healthOf(part: Part, vitals: Vitals | undefined): Promise<Health> {
  if (vitals === undefined) return 'down';
  if (vitals.isPaused) return 'paused';
  return (await part.isReady()) ? 'ready' : 'not ready';
}
