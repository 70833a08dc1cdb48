/** One at a time: for each job of each shard, a lock that one process holds and the others stand by for. */
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { isOutage, messageOf } from './outage.ts';
import { openClient } from './pool.ts';

/** How often the holder shows that it lives, and a stand-by asks; in milliseconds. */
const BEAT_MS = 500;
/** An answer that takes longer is none: the lock may be gone. */
const ANSWER_MS_MAX = 3_000;
/** PostgreSQL ends the session of a holder that was silent for so long: paused, cut off, or gone without a word. */
const SILENCE_MS_MAX = 5_000;
const RETRY_MS_MAX = 1_000;

export interface LeadershipOptions {
  readonly url: string;
  /** Hears of each loss of PostgreSQL, once. */
  readonly onTrouble?: ((says: string) => void) | undefined;
}

interface Seat {
  readonly onLead: () => void;
  readonly onLost: () => void;
  isHeld: boolean;
  /** Its owner has had enough: nothing is told him any more. */
  isOver: boolean;
}

/** The locks' names are the schema's own: two platforms in one database do not disturb each other. */
const NAME = "hashtextextended('itirp leads ' || name || ' in ' || current_setting('search_path'), 0)";

export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #seats = new Map<string, Seat>();
  readonly #closing = new AbortController();
  #session: { readonly client: pg.Client; readonly socket: Socket } | undefined;
  #running: Promise<void> | undefined;
  /** Statements on the session, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LeadershipOptions) {
    this.#options = options;
  }

  /**
   * Competes for `job` of `shard` from now on. `onLead` is called when nobody else has it, `onLost` when that is no
   * longer sure: both again and again, in turns. Between a loss and its notice another process may have begun, so
   * the job's own writes must be fenced too. Resolves to how to stop: end the job first, then give it up.
   */
  lead(job: string, shard: string, onLead: () => void, onLost: () => void): () => Promise<void> {
    const name = `${job} of ${shard}`;
    if (this.#seats.has(name)) throw new TypeError(`${name} is competed for already`);
    const seat: Seat = { onLead, onLost, isHeld: false, isOver: false };
    this.#seats.set(name, seat);
    this.#running ??= this.#run();
    return async () => {
      seat.isOver = true;
      await this.#inTurn(() => this.#giveUp(name));
    };
  }

  /** Gives everything up at once. Nobody is told: whoever closes knows. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#seats.clear();
    await this.#running;
    await this.#turn.catch(() => {});
    await this.#session?.client.end().catch(() => {});
    this.#session = undefined;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let retryMs = 50;
    while (!signal.aborted) {
      let pauseMs = BEAT_MS;
      try {
        await this.#inTurn(() => this.#beat());
        retryMs = 50;
      } catch (error) {
        this.#lose(error);
        pauseMs = retryMs * (0.5 + Math.random());
        retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Asks for all that is not held: an answer also shows that what is held still is. */
  async #beat(): Promise<void> {
    const client = this.#session?.client ?? (await this.#connect());
    const wanted = [...this.#seats].filter(([, seat]) => !seat.isHeld).map(([name]) => name);
    const ask = `select name from unnest($1::text[]) as name where pg_try_advisory_lock(${NAME})`;
    const { rows } = await client.query<{ name: string }>(ask, [wanted]);
    for (const { name } of rows) {
      const seat = this.#seats.get(name);
      if (seat === undefined || seat.isOver) continue; // its turn to be unlocked comes
      seat.isHeld = true;
      seat.onLead();
    }
  }

  async #giveUp(name: string): Promise<void> {
    this.#seats.delete(name);
    const unlock = `select pg_advisory_unlock(${NAME}) from unnest($1::text[]) as name`;
    await this.#session?.client.query(unlock, [[name]]).catch((error: unknown) => this.#lose(error));
  }

  async #connect(): Promise<pg.Client> {
    const socket = new Socket();
    const options = { applicationName: 'itirp leadership', connectTimeoutMs: ANSWER_MS_MAX };
    const client = openClient(this.#options.url, options, {
      query_timeout: ANSWER_MS_MAX,
      stream: () => socket,
    });
    client.on('error', (error) => {
      if (this.#session?.client === client) this.#lose(error);
    });
    try {
      await client.connect();
      await client.query(`set idle_session_timeout = ${SILENCE_MS_MAX}`);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    this.#session = { client, socket };
    return client;
  }

  #lose(error: unknown): void {
    if (this.#session !== undefined || !isOutage(error)) this.#options.onTrouble?.(messageOf(error));
    this.#session?.socket.destroy();
    this.#session = undefined;
    for (const seat of this.#seats.values()) {
      if (!seat.isHeld) continue;
      seat.isHeld = false;
      if (!seat.isOver) seat.onLost();
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => {});
    return await turn;
  }
}
