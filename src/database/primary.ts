/** Finds, among several PostgreSQL hosts, the one primary: writable, and of the newest timeline anybody knows of. */
import type { Socket } from 'node:net';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import pg from 'pg';
import { Fault } from '../faults/fault.ts';
import type { Address } from './address.ts';
import { asFault, messageOf } from './outage.ts';
import { readFacts, type ServerFacts } from './server-facts.ts';

/** How long a host may take to say what it is, in milliseconds. */
const PROBE_MS_MAX = 2_500;
/** Once the primary that is known has answered, the others are waited for no longer than this: one may be cut off. */
const OTHERS_MS_MAX = 500;
/** A finding is believed for so long: many connections are opened at once. */
const FRESH_MS = 1_000;
/** A search that found none is not repeated for about so long; up to twice that, so that nodes do not ask in step. */
const PAUSE_MS = 150;
/**
 * While connections are open: how often we look whether another host was promoted. Threads beside the main one only read
 * the journal and write what can be built anew; a machine of many of them would ask all day.
 */
const WATCH_MS = isMainThread ? 3_000 : 15_000;

/** What this process has learned of a group of hosts. Threads that it starts inherit it. */
interface Known {
  readonly systemIdentifier: string;
  /** The highest timeline that a writable host had. */
  readonly timeline: number;
}

type Probe = { readonly url: string } & (
  | { readonly facts: ServerFacts }
  | { readonly facts?: undefined; readonly error: unknown }
);

const finders = new Map<string, PrimaryFinder>();

export class PrimaryFinder {
  readonly #address: Address;
  readonly #memory: string;
  #search: Promise<string> | undefined;
  #searchedAt = Number.NEGATIVE_INFINITY;
  #validMs = 0;
  readonly #open = new Map<Socket, string>();
  #watch: NodeJS.Timeout | undefined;

  private constructor(address: Address) {
    this.#address = address;
    this.#memory = `itirp primary of ${address.hosts}`;
  }

  /** The one of these hosts: all connections of a thread share what is found. */
  static of(address: Address): PrimaryFinder {
    const key = JSON.stringify([address.urls, address.ssl]);
    const finder = finders.get(key) ?? new PrimaryFinder(address);
    finders.set(key, finder);
    return finder;
  }

  /**
   * The URL of the primary. A finding is shared, and believed for a second.
   * @throws Fault DATABASE_UNAVAILABLE: none answers, or only an old primary does while the promoted one is away
   * @throws Fault DATABASE_READ_ONLY: those that answer take no writes
   * @throws Fault DATABASE_REPLACED: those that answer are of another cluster
   */
  find(): Promise<string> {
    const age = performance.now() - this.#searchedAt;
    if (this.#search !== undefined && age < this.#validMs) return this.#search;
    const search = this.#find();
    this.#search = search;
    this.#searchedAt = performance.now();
    this.#validMs = Number.POSITIVE_INFINITY; // while it is under way
    const settle = (validMs: number): void => {
      if (this.#search !== search) return;
      this.#searchedAt = performance.now();
      this.#validMs = validMs;
    };
    search.then(
      () => settle(FRESH_MS),
      () => settle(PAUSE_MS * (1 + Math.random())),
    );
    return search;
  }

  /** A connection to what was found did not come about: the next one searches anew. */
  distrust(): void {
    this.#validMs = Math.min(this.#validMs, PAUSE_MS);
  }

  /** Cuts the connection when another host turns out to be the primary: what is open leads to an old one. */
  guard(socket: Socket, url: string): void {
    this.#open.set(socket, url);
    socket.once('close', () => {
      this.#open.delete(socket);
      if (this.#open.size > 0) return;
      clearInterval(this.#watch);
      this.#watch = undefined;
    });
    this.#watch ??= setInterval(() => void this.#look(), WATCH_MS).unref();
  }

  async #look(): Promise<void> {
    const primary = await this.find().catch(() => undefined);
    if (primary === undefined) return; // what is open may still serve
    for (const [socket, url] of this.#open) if (url !== primary) socket.destroy();
  }

  async #find(): Promise<string> {
    const known = getEnvironmentData(this.#memory) as Known | undefined;
    const probes = await gather(this.#address, known);
    const { url, facts } = choose(probes, known);
    if (known?.timeline !== facts.timeline) {
      setEnvironmentData(this.#memory, {
        systemIdentifier: facts.systemIdentifier,
        timeline: facts.timeline,
      });
    }
    return url;
  }
}

/** What the hosts say, in the order they are named; some are left out once the one that matters has answered. */
async function gather({ urls, ssl }: Address, known: Known | undefined): Promise<readonly Probe[]> {
  const said: (Probe | undefined)[] = urls.map(() => undefined);
  const { promise: isEnough, resolve } = Promise.withResolvers<void>();
  const all = urls.map(async (url, n) => {
    const answer = await probe(url, ssl);
    said[n] = answer;
    const { facts } = answer;
    const isKnown = facts?.systemIdentifier === known?.systemIdentifier;
    if (known === undefined || facts === undefined || !isKnown) return;
    if (facts.takesWrites && facts.timeline >= known.timeline) setTimeout(resolve, OTHERS_MS_MAX).unref();
  });
  await Promise.race([Promise.all(all), isEnough]);
  return said.filter((one) => one !== undefined);
}

async function probe(url: string, ssl: Address['ssl']): Promise<Probe> {
  const client = new pg.Client({
    connectionString: url,
    ...(ssl === undefined ? {} : { ssl }),
    application_name: 'itirp primary finder',
    connectionTimeoutMillis: PROBE_MS_MAX,
    query_timeout: PROBE_MS_MAX,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return { url, facts: await readFacts(client) };
  } catch (error) {
    return { url, error };
  } finally {
    client.end().catch(() => {});
  }
}

type Answered = Extract<Probe, { facts: ServerFacts }>;

/** The writable one of the newest timeline; at equal ones the first that was named. */
export function choose(probes: readonly Probe[], known: Known | undefined): Answered {
  const answered = probes.filter((one): one is Answered => one.facts !== undefined);
  if (answered.length === 0) throw noneAnswers(probes);
  const identifier = known?.systemIdentifier ?? answered[0]?.facts.systemIdentifier;
  const ours = answered.filter(({ facts }) => facts.systemIdentifier === identifier);
  if (known === undefined && ours.length < answered.length) {
    throw new Fault(
      'CONFIG_INVALID',
      'the hosts in the URL of PostgreSQL are not primary and standbys of one another',
    );
  }
  if (ours.length === 0) {
    throw new Fault(
      'DATABASE_REPLACED',
      `no host is of the cluster ${identifier} any more; restart if that is meant`,
    );
  }
  const writable = ours.filter(({ facts }) => facts.takesWrites);
  const [first] = writable.toSorted((one, other) => other.facts.timeline - one.facts.timeline);
  if (first === undefined) {
    const detail =
      'every host that answers is a standby or refuses writes; promote one, or bring the primary back';
    throw new Fault('DATABASE_READ_ONLY', detail);
  }
  if (first.facts.timeline < (known?.timeline ?? 0)) {
    throw new Fault(
      'DATABASE_UNAVAILABLE',
      `only an old primary answers (timeline ${first.facts.timeline}); the promoted one (timeline ` +
        `${known?.timeline}) is away. Stop the old one: what it takes now is lost`,
    );
  }
  return first;
}

function noneAnswers(probes: readonly Probe[]): unknown {
  const errors = probes.map((one) => (one.facts === undefined ? one.error : undefined));
  const words = probes.map(({ url }, n) => `${new URL(url).host}: ${messageOf(errors[n])}`).join('; ');
  const refusal = errors
    .map(asFault)
    .find((error) => error instanceof Fault && error.code === 'DATABASE_REFUSED');
  const code = refusal === undefined ? 'DATABASE_UNAVAILABLE' : 'DATABASE_REFUSED';
  return new Fault(code, words, { cause: errors[0] });
}
