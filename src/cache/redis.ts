/** A connection to Redis that never keeps anyone waiting: it answers at once, or it is as if it were not there. */
import type { Redis } from 'ioredis';
import { Fault } from '../faults/fault.ts';
import { Breaker } from './breaker.ts';
import { type Client, commandClient, HUNG_MS, plainClient, watchLine } from './redis-clients.ts';
import { checkServer, misconfiguration } from './redis-server-check.ts';
import { placeText, type RedisPlace, redisPlaceOf } from './redis-url.ts';
import type { Script, Scripts } from './scripts.ts';

/** How long the start waits for Redis, in milliseconds. Orders do not need it. */
const START_MS = 3_000;
const PROBE_EVERY_MS = 200;

interface RedisSettings {
  readonly url: string;
  /** Before each key and channel: two deployments may share one Redis. */
  readonly prefix?: string;
  /** The longest that a command may take, in milliseconds. Default 75. */
  readonly commandMs?: number;
  readonly connectionName?: string;
  readonly onWarning?: (says: string, cause: unknown) => void;
}

export class RedisConnection implements Scripts {
  readonly place: RedisPlace;
  readonly prefix: string;
  readonly #settings: RedisSettings;
  readonly #commandMs: number;
  readonly #client: Client;
  readonly #breaker = new Breaker();
  readonly #unwatch: () => void;
  /** The run of the server that was checked last; undefined: it is not the right one, or nobody answered yet. */
  #run: string | undefined;
  #steadySince = 0;
  #probing: NodeJS.Timeout | undefined;
  #lastError: unknown;
  #isClosed = false;

  private constructor(place: RedisPlace, settings: RedisSettings, client: Client) {
    this.place = place;
    this.prefix = settings.prefix ?? '';
    this.#settings = settings;
    this.#commandMs = settings.commandMs ?? 75;
    this.#client = client;
    this.#unwatch = watchLine(client);
    client.on('error', (error: unknown) => {
      this.#lastError = error;
    });
    client.on('ready', () => void this.#check().catch((error: unknown) => this.#warn(error)));
    client.on('close', () => {
      this.#run = undefined;
    });
  }

  /**
   * Connected and checked, or trying to be: a Redis that is away now does not stop the start.
   * @throws Fault CONFIG_INVALID: the URL does not read, Redis refuses the password, is older than version 7, a replica,
   * or not of the kind that the URL says
   */
  static async open(settings: RedisSettings): Promise<RedisConnection> {
    const place = redisPlaceOf(settings.url);
    const client = await commandClient(place, settings.connectionName ?? 'itirp');
    const connection = new RedisConnection(place, settings, client);
    try {
      await connection.#start();
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  async #start(): Promise<void> {
    const connecting = this.#client.connect();
    connecting.catch(() => {}); // it goes on trying by itself
    try {
      await within(START_MS, connecting);
      await this.#check();
    } catch (error) {
      const reason = misconfiguration(this.#lastError) ?? misconfiguration(error);
      if (reason !== undefined) throw new Fault('CONFIG_INVALID', `REDIS_URL: ${reason}`, { cause: error });
      this.#settings.onWarning?.(
        `Redis at ${placeText(this.place)} does not answer; going on without it`,
        error,
      );
      this.#suspect();
    }
  }

  /** Are commands answered? */
  get isUp(): boolean {
    return this.#run !== undefined && !this.#breaker.isOpen && this.#client.status === 'ready';
  }

  steadyForMs(): number {
    return this.isUp ? performance.now() - this.#steadySince : 0;
  }

  /**
   * The answer to one command on one key.
   * @throws Fault CACHE_UNAVAILABLE: it is not known whether it was carried out
   */
  ask(command: string, key: string, ...rest: readonly (string | number)[]): Promise<unknown> {
    return this.#bounded(() => this.#client.call(command, this.prefix + key, ...rest));
  }

  run(
    { lua, digest }: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const rest = [keys.length, ...keys.map((key) => this.prefix + key), ...args];
    return this.#bounded(async () => {
      try {
        return await this.#client.call('EVALSHA', digest, ...rest);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return await this.#client.call('EVAL', lua, ...rest);
      }
    });
  }

  /** A connection of its own, for channels; not connected yet. */
  line(purpose: string): Promise<Redis> {
    return plainClient(this.place, `${this.#settings.connectionName ?? 'itirp'}.${purpose}`);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#probing);
    this.#unwatch();
    this.#client.disconnect();
  }

  async #bounded(work: () => Promise<unknown>): Promise<unknown> {
    if (!this.isUp) throw new Fault('CACHE_UNAVAILABLE');
    try {
      const answer = await within(this.#commandMs, work());
      this.#breaker.succeeded();
      return answer;
    } catch (cause) {
      this.#breaker.failed();
      if (this.#breaker.isOpen) this.#suspect();
      throw new Fault('CACHE_UNAVAILABLE', cause instanceof Error ? cause.message : undefined, { cause });
    }
  }

  /** @throws Fault CONFIG_INVALID, or whatever Redis fails with */
  async #check(): Promise<void> {
    const { database } = this.place;
    if (database !== 0) await within(HUNG_MS, this.#client.call('SELECT', database)); // the library lets it fail
    const run = checkServer(this.place, String(await within(HUNG_MS, this.#client.call('INFO'))));
    if (this.#run === undefined) this.#steadySince = performance.now();
    this.#run = run;
  }

  /** Probes until Redis answers again; nobody's request has to. */
  #suspect(): void {
    if (this.#probing !== undefined || this.#isClosed) return;
    this.#probing = setInterval(() => {
      if (this.#client.status === 'ready') within(PROBE_EVERY_MS, this.#probe()).catch(() => {});
    }, PROBE_EVERY_MS);
    this.#probing.unref();
  }

  async #probe(): Promise<void> {
    await this.#client.call('PING');
    if (this.#run === undefined) await this.#check();
    this.#breaker.close();
    this.#steadySince = performance.now();
    clearInterval(this.#probing);
    this.#probing = undefined;
  }

  #warn(error: unknown): void {
    if (this.#isClosed) return;
    this.#settings.onWarning?.(`Redis at ${placeText(this.place)} is not used`, error);
    this.#suspect();
  }
}

/** Resolves as `work` does, or rejects when it takes longer. */
async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
