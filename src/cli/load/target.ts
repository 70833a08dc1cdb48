/** Where a load goes: addresses that may be loaded, or a server of its own that is gone afterwards. */
import type { LookupAddress } from 'node:dns';
import { mkdtemp, rm } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Fault } from '../../faults/fault.ts';
import { Control } from '../../load/control.ts';
import { addressesOf, areLoopback, hostOf } from '../../load/loopback.ts';
import { pinnedLookup } from '../../load/pinned-addresses.ts';
import { freePort, ServerProcess } from '../demo/server-process.ts';
import { type LoadFlags, textOf } from './flags.ts';
import { demoUser } from './users.ts';

const USUAL_URL = 'http://127.0.0.1:8000';

export interface Target {
  readonly urls: readonly URL[];
  /** Where the names in them lead to, as it was judged; undefined: nothing was judged, and they lead where they do. */
  readonly lookup: LookupFunction | undefined;
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
  const lookup = flags.yesIMay === true ? undefined : await judged(urls);
  return { urls, lookup, isOwn, leave: async () => {} };
}

function urlFrom(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new Fault('ARGUMENT_INVALID', `an address is http://HOST:PORT or https://HOST: ${text}`);
}

/**
 * Nobody said that `urls` may be loaded: each must be this machine and in demo mode. A tunnel (`ssh -L`, `kubectl
 * port-forward`) ends on this machine, and what is behind it need not be a laptop's.
 * @throws Fault ARGUMENT_INVALID: one is not; LOAD_TARGET_FAILED: nobody knows
 */
async function judged(urls: readonly URL[]): Promise<LookupFunction> {
  const addresses = new Map<string, readonly LookupAddress[]>();
  for (const url of urls) {
    const found = addresses.get(hostOf(url)) ?? (await addressesOf(url));
    if (!areLoopback(found)) throw needsWord(`${url.host} is not this machine`);
    addresses.set(hostOf(url), found);
  }
  const lookup = pinnedLookup(addresses);
  for (const url of urls) {
    if (await isDemo(url, lookup)) continue;
    throw needsWord(`${url.host} is not in demo mode: it may be a tunnel to where people work`);
  }
  return lookup;
}

function needsWord(why: string): Fault {
  const reasons =
    'A load can take a deployment from the people who work with it, trades for real where it is real, and looks like an attack to whoever runs the network';
  return new Fault('ARGUMENT_INVALID', `${why}. ${reasons}. If you may do that there, say --yes-i-may`);
}

/** The users with public passwords are let in in demo mode alone, even where they are in the database. */
async function isDemo(url: URL, lookup: LookupFunction): Promise<boolean> {
  try {
    await new Control([url], lookup).logIn(demoUser('TRADER'));
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'CREDENTIALS_INVALID') return false;
    throw error;
  }
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
  return { urls: [new URL(server.url)], lookup: undefined, isOwn: true, leave };
}
