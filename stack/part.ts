/** A part of the stack: one program on one port, which can be started, asked whether it is ready, and stopped. */
import type { Daemon } from './daemon.ts';

export const ROLES = [
  'kafka',
  'redis',
  'postgres',
  'engine',
  'projector',
  'publisher',
  'api',
  'haproxy',
] as const;
export type Role = (typeof ROLES)[number];

export const isRole = (name: string): name is Role => ROLES.some((role) => role === name);

export interface Part {
  readonly role: Role;
  /** Its name, process, pid file and log; to kill, pause or resume it, ask this. */
  readonly daemon: Daemon;
  /** On the loopback address. */
  readonly port: number;
  /** How long its start may take, in milliseconds. */
  readonly patienceMs: number;
  /** Starts the program, unless it runs; does not wait until it is ready. */
  launch(): Promise<void>;
  /** Does it serve now? */
  isReady(): Promise<boolean>;
  /** Ends it in good order; kills it when it does not end. */
  stop(): Promise<void>;
}

/** A process that ends because a service did not answer in time is started again, as any supervisor would. */
const LAUNCHES_MAX = 3;

/** Starts a part, unless it runs; resolves when it serves. @throws Error with its last words */
export async function bringUp(part: Part): Promise<void> {
  for (let launch = 1; ; launch += 1) {
    await part.launch();
    try {
      return await part.daemon.until(() => part.isReady(), part.patienceMs);
    } catch (error) {
      const hangs = (await part.daemon.find()) !== undefined;
      if (hangs || launch === LAUNCHES_MAX) throw error;
    }
  }
}
