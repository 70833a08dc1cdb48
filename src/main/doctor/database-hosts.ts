/** Every PostgreSQL that a URL names, one by one: which of them answer, and what they say of themselves. */
import type pg from 'pg';
import { addressOf } from '../../database/address.ts';
import { asFault, messageOf } from '../../database/outage.ts';
import { openClient } from '../../database/pool.ts';
import { readFacts, type ServerFacts } from '../../database/server-facts.ts';
import { Fault } from '../../faults/fault.ts';
import { bad, type Finding, ok, warn } from './finding.ts';

/** For a connection to be made, in milliseconds. */
const CONNECT_MS = 4_000;
const QUERY_MS = 8_000;

export interface AnsweringHost {
  readonly host: string;
  readonly client: pg.Client;
  readonly facts: ServerFacts;
}

export interface SilentHost {
  readonly host: string;
  readonly fault: unknown;
}

export interface Hosts {
  readonly answering: readonly AnsweringHost[];
  readonly silent: readonly SilentHost[];
  close(): Promise<void>;
}

/** Asks all hosts at once. @throws Fault CONFIG_INVALID: the URL does not read */
export async function askHosts(url: string): Promise<Hosts> {
  const asked = await Promise.all(urlsOf(url).map(([host, one]) => ask(host, one)));
  const answering = asked.filter((one) => 'client' in one);
  return {
    answering,
    silent: asked.filter((one) => 'fault' in one),
    close: async () => {
      await Promise.allSettled(answering.map(({ client }) => client.end()));
    },
  };
}

/** With all that the URL says of TLS and else, but of one host each. */
export function urlsOf(url: string): readonly (readonly [host: string, url: string])[] {
  const { hosts } = addressOf(url);
  const begin = /^[a-z]+:\/\/(?:[^/?#]*@)?/i.exec(url)?.[0].length ?? 0;
  const [before, after] = [url.slice(0, begin), url.slice(begin + hosts.length)];
  const unnamed = new URL(`${before}localhost${after}`).searchParams.get('host') ?? 'localhost';
  return hosts.split(',').map((host) => [host === '' ? unnamed : host, before + host + after]);
}

async function ask(host: string, url: string): Promise<AnsweringHost | SilentHost> {
  const options = {
    applicationName: 'itirp doctor',
    connectTimeoutMs: CONNECT_MS,
    statementTimeoutMs: QUERY_MS,
  };
  const client = openClient(url, options, { query_timeout: QUERY_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    return { host, client, facts: await readFacts(client) };
  } catch (error) {
    void client.end().catch(() => {});
    return { host, fault: asFault(error) };
  }
}

/** `isEnough`: another host does the work meanwhile. */
export function judgeSilent({ host, fault }: SilentHost, about: string, isEnough: boolean): Finding {
  const isRefusal = fault instanceof Fault && fault.code === 'DATABASE_REFUSED';
  const says = `${host}: ${messageOf(fault)}`;
  const remedy = isRefusal ? 'put right what it names' : 'start it, or lead the URL to one that runs';
  return isEnough ? warn(about, says, remedy) : bad(about, says, remedy);
}

const VERSION_MIN = 15;

export function judgeVersion(host: string, about: string, { version, takesWrites }: ServerFacts): Finding {
  const major = Math.trunc(version / 10_000);
  const says = `${host} is PostgreSQL ${major}, ${takesWrites ? 'the primary' : 'a standby'}`;
  if (major < VERSION_MIN) return bad(about, says, `PostgreSQL ${VERSION_MIN} or newer is needed`);
  return ok(about, says);
}
