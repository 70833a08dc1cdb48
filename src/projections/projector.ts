/** The reader of the journal that keeps the SQL views: woken when there is news, patient when the database is away. */
import type pg from 'pg';
import type { Position } from '../core/values/names.ts';
import { asFault, codeOf } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import type { Head } from '../journal/journal.ts';
import { Attention } from './attention.ts';
import { catchUp, type Source } from './catch-up.ts';
import type { FactSpans } from './fact-spans.ts';
import { Fold } from './fold.ts';
import { lend, type Mark, readMark, readPositions } from './views.ts';

/** How gently the projector treats the machine it shares with the order path. */
export interface Manners {
  /** At most about this many facts a transaction. */
  readonly factsMax: number;
  /**
   * While facts keep coming, rest this many times as long as a transaction took: 1 leaves half of the time to the
   * order path. When no more come, the backlog is worked off without a rest.
   */
  readonly restRatio: number;
  /** So far behind, in facts, the views no longer rest. */
  readonly lagMax: number;
  /** At least this long from one wake-up's work to the next, so that a stream of single orders shares transactions. */
  readonly paceMs: number;
  /** The journal is looked at this often even if nobody pokes. */
  readonly pollMs: number;
  /** The first wait after trouble; doubles up to `retryMsMax`. */
  readonly retryMs: number;
  readonly retryMsMax: number;
}

export const MANNERS: Manners = {
  factsMax: 3_000,
  restRatio: 1,
  lagMax: 3_000_000,
  paceMs: 20,
  pollMs: 1_000,
  retryMs: 100,
  retryMsMax: 5_000,
};

export interface ProjectorHooks {
  /** The views now hold everything up to `position`. */
  readonly onProgress?: (position: Position) => void;
  /** Nothing more is known to project until the next poke or poll. */
  readonly onIdle?: (position: Position) => void;
  /** An outage; it is tried again after `retryMs`. */
  readonly onTrouble?: (fault: Fault, retryMs: number) => void;
}

export interface ProjectorOptions extends ProjectorHooks {
  readonly pool: pg.Pool;
  readonly source: Source;
  readonly manners?: Partial<Manners> | undefined;
  /** The newest fact there is, where somebody keeps count. Default: the newest that was poked. */
  readonly newest?: (() => Position) | undefined;
  /** Undefined: no fact is traced. */
  readonly spans?: FactSpans | undefined;
}

/** What the projector has in hand while all goes well. */
interface Hold {
  readonly client: pg.PoolClient;
  readonly fold: Fold;
  mark: Mark;
}

export class Projector {
  readonly #options: ProjectorOptions;
  readonly #manners: Manners;
  readonly #attention: Attention;
  #position = 0 as Position;
  /** The newest fact there was when it last thought of a rest. */
  #newestSeen = 0 as Position;
  #running: Promise<void> | undefined;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#manners = { ...MANNERS, ...options.manners };
    this.#attention = new Attention(this.#manners.pollMs);
  }

  /** The last fact whose rows are committed; 0 until the views were first read. */
  get position(): Position {
    return this.#position;
  }

  /** Runs until {@link stop}. Rejects only with a broken invariant or a statement PostgreSQL refuses: a bug. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** There are facts up to `position`. */
  poke(position: Position): void {
    this.#attention.poke(position);
  }

  /** Ends after the transaction under way. */
  async stop(): Promise<void> {
    this.#attention.end();
    await this.#running?.catch(() => {}); // whoever awaits `run` hears of it
  }

  async #run(): Promise<void> {
    const { signal } = this.#attention;
    let retryMs = this.#manners.retryMs;
    while (!signal.aborted) {
      let hold: Hold | undefined;
      try {
        hold = await this.#takeHold();
        await this.#follow(hold, () => {
          retryMs = this.#manners.retryMs;
        });
        hold.client.release();
      } catch (error) {
        hold?.client.release(true); // whatever was open on it is rolled back
        const fault = passing(error);
        this.#options.onTrouble?.(fault, retryMs);
        await this.#attention.rest(retryMs);
        retryMs = Math.min(retryMs * 2, this.#manners.retryMsMax);
      }
    }
  }

  /** Reads where the views stand: at the start, after trouble, and when they moved on without us. */
  async #takeHold(): Promise<Hold> {
    const { pool, source } = this.#options;
    const client = await lend(pool);
    try {
      const mark = await readMark(client, source.shard);
      const head = await source.journal.head();
      if (head.position < mark.position) throw beyond(mark, head);
      const fold = new Fold(source.shard, mark.position, await readPositions(client, source.shard));
      this.#reached(mark.position);
      return { client, fold, mark };
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Returns when stopping, or when what is in hand is void. */
  async #follow(hold: Hold, onSuccess: () => void): Promise<void> {
    const { source, spans } = this.#options;
    const { signal } = this.#attention;
    const onCommitted = ({ position }: Mark): void => this.#reached(position);
    const pace = {
      factsMax: this.#manners.factsMax,
      restMs: (tookMs: number): number => this.#restAfter(tookMs),
    };
    while (!signal.aborted) {
      const { client, fold } = hold;
      const begun = performance.now();
      const pass = { client, source, fold, pace, signal, spans, onCommitted };
      const mark = await catchUp(hold.mark, pass);
      if (mark === undefined) return;
      hold.mark = mark;
      onSuccess();
      this.#options.onIdle?.(mark.position);
      await this.#attention.news(mark.position);
      await this.#attention.rest(this.#manners.paceMs - (performance.now() - begun));
    }
  }

  #restAfter(tookMs: number): number {
    const newest = this.#options.newest?.() ?? this.#attention.poked;
    const isQuiet = newest <= this.#newestSeen;
    this.#newestSeen = newest;
    const { restRatio, lagMax } = this.#manners;
    return isQuiet || newest - this.#position > lagMax ? 0 : tookMs * restRatio;
  }

  #reached(position: Position): void {
    if (position === this.#position) return;
    this.#position = position;
    this.#options.onProgress?.(position);
  }
}

/** New facts would take positions that the views believe to have seen: nobody may go on from here by himself. */
const beyond = (mark: Mark, head: Head): Fault =>
  new Fault(
    'JOURNAL_CORRUPT',
    `the views stand at ${mark.position}, the journal ends at ${head.position}; rebuild the views`,
  );

/**
 * SQLSTATEs of a statement that lost against somebody else's: canceled (it waited too long, for a rebuild perhaps),
 * serialization failure, deadlock, lock not available. Trying again helps.
 */
const LOST = new Set(['57014', '40001', '40P01', '55P03']);

/** The Fault to wait out. @throws the error itself when trying again would not help */
function passing(error: unknown): Fault {
  const code = codeOf(error);
  if (code !== undefined && LOST.has(code)) {
    return new Fault('DATABASE_UNAVAILABLE', `a statement lost its turn (${code})`, { cause: error });
  }
  const fault = asFault(error);
  if (fault instanceof Fault && fault.mayRetry) return fault;
  throw error;
}
