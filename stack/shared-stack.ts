/** The stack that tests share: made at first use, in a folder apart from the one that people use, ended with the run. */
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startNetwork, stopNetwork } from '../test/stack/network/stack-network.ts';
import { softwareFolder, stackFolder } from './software.ts';
import { Stack, wipeStack } from './stack.ts';
import { readState } from './state.ts';

const folder = (): string => join(stackFolder(), 'test');

/** Loads of one user are not held back, and nobody's log is in the way. */
const SETTINGS = { RATE_LIMIT_PER_MINUTE: '0' };

/**
 * The whole stack, running, with a proxy on every way between two parts. Whoever breaks a part of it starts it again:
 * `up` does for all that died.
 */
export async function sharedStack(): Promise<Stack> {
  const stack = await Stack.open({
    folder: folder(),
    software: softwareFolder(),
    links: true,
    settings: SETTINGS,
  });
  await startNetwork(stack);
  await stack.up();
  return stack;
}

/**
 * Vitest's setup: begins with nothing of an earlier run, and leaves nothing running. With STACK_KEEP=1 it does neither:
 * for whoever works on one test, again and again.
 */
export default async function setup(_project: TestProject): Promise<() => Promise<void>> {
  if (process.env.STACK_KEEP === '1') return () => Promise.resolve();
  await takeDown({ wipe: true });
  return () => takeDown({ wipe: false }); // logs stay, for whoever asks why
}

async function takeDown({ wipe }: { wipe: boolean }): Promise<void> {
  if ((await readState(folder())) === undefined) return;
  const stack = await Stack.open({ folder: folder(), software: softwareFolder() });
  await stack.down({ wipe: false });
  await stopNetwork(folder());
  if (wipe) await wipeStack(folder());
}
