/** Where a load goes: addresses that may be loaded, or a server of its own that is gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Fault } from '../../faults/fault.ts';
import { isLoopback } from '../../load/loopback.ts';
import { freePort, ServerProcess } from '../demo/server-process.ts';
import { type LoadFlags, textOf } from './flags.ts';

const USUAL_URL = 'http://127.0.0.1:8000';

export interface Target {
  readonly urls: readonly URL[];
  readonly isOwn: boolean;
  /** Stops what was started for it. */
  leave(): Promise<void>;
}

/** @throws Fault ARGUMENT_INVALID: no address, or one that needs a confirmation */
export async function targetOf(
  flags: LoadFlags,
  signal: AbortSignal,
  tell: (says: string) => void,
): Promise<Target> {
  const isOwn = flags.ownServer === true || (flags.stress === true && flags.url === undefined);
  if (isOwn && flags.url !== undefined)
    throw new Fault('ARGUMENT_INVALID', '--own-server starts a server of its own: leave --url out');
  if (flags.ca !== undefined) {
    setDefaultCACertificates([...getCACertificates('default'), await textOf(flags.ca)]);
  }
  if (isOwn) return await ownServer(signal, tell);
  const urls = (flags.url ?? [USUAL_URL]).map(urlFrom);
  for (const url of urls) await mayBeLoaded(url, flags);
  return { urls, isOwn, leave: async () => {} };
}

function urlFrom(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new Fault('ARGUMENT_INVALID', `an address is http://HOST:PORT or https://HOST: ${text}`);
}

/** @throws Fault ARGUMENT_INVALID: it is not this machine, and nobody said that it may be loaded */
async function mayBeLoaded(url: URL, { yesIMay }: LoadFlags): Promise<void> {
  if (yesIMay === true || (await isLoopback(url))) return;
  const why = `${url.host} is not this machine. A load can take a deployment from the people who work with it, trades for real where it is real, and looks like an attack to whoever runs the network`;
  throw new Fault('ARGUMENT_INVALID', `${why}. If you may do that there, say --yes-i-may`);
}

async function ownServer(signal: AbortSignal, tell: (says: string) => void): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-load-'));
  const server = new ServerProcess({
    dataDir: join(folder, 'data'),
    logFile: join(folder, 'server.log'),
    port: await freePort(),
    environment: { ENVIRONMENT: 'demo', POSTGRES_URL: '', RATE_LIMIT_PER_MINUTE: '0', LOG_LEVEL: 'warn' },
  });
  const leave = async (): Promise<void> => {
    await server.stop();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
  tell('starting a server of its own, with new data that is removed afterwards');
  try {
    await server.start({}, signal);
  } catch (error) {
    await leave();
    throw error;
  }
  return { urls: [new URL(server.url)], isOwn: true, leave };
}
