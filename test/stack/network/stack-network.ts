/** The proxies on every way between two parts of a stack, running in the background as its other parts do. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon } from '../../../stack/daemon.ts';
import { freePorts, LOOPBACK } from '../../../stack/ports.ts';
import type { Stack } from '../../../stack/stack.ts';
import { NETWORK_PROCESS, Network } from './network.ts';

const START_PATIENCE_MS = 20_000;

/** What a link is called. */
export const linkName = (from: string, to: string): string => `${from} to ${to}`;

/** Starts them where they do not run; resolves when every link of the stack is whole. Before `stack.up()`. */
export async function startNetwork(stack: Stack): Promise<Network> {
  const daemon = new Daemon('network', stack.folder);
  const portFile = join(stack.folder, 'run', 'network.port');
  if ((await daemon.find()) === undefined) {
    const [port = 0] = await freePorts(1);
    await mkdir(join(stack.folder, 'run'), { recursive: true });
    await writeFile(portFile, String(port));
    await daemon.start({ file: process.execPath, args: [NETWORK_PROCESS, String(port)] });
  }
  const network = new Network(Number(await readFile(portFile, 'utf8')));
  await daemon.until(() => opened(stack, network), START_PATIENCE_MS);
  return network;
}

async function opened(stack: Stack, network: Network): Promise<boolean> {
  try {
    for (const { from, to, listenHost, listenPort, targetPort } of stack.links) {
      const target = { host: LOOPBACK, port: targetPort };
      await network.open(linkName(from, to), target, { host: listenHost, port: listenPort });
    }
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false; // it does not listen yet
    throw error;
  }
}

export async function stopNetwork(folder: string): Promise<void> {
  await new Daemon('network', folder).kill();
}
