/** Finds in the journals what nobody answered: a halt is as good as its facts, whichever way its answer was lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Committed } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import { carriedOutIn, type Said } from '../sequencer/carried-out.ts';
import type { Positions } from './firm.ts';
import type { FirmStore } from './firm-store.ts';
import { inTime } from './in-time.ts';

/** A halt waits for SQL no longer than this before it goes out, in milliseconds. */
const HEADS_MS = 500;
/** From when nobody has answered, in milliseconds. */
const WAIT_MS = 4_000;
/** Between two looks meanwhile, in milliseconds. */
const LOOK_MS = 100;

export interface WitnessOptions {
  readonly store: Pick<FirmStore, 'heads'>;
  readonly journalOf: (shard: string) => Pick<Journal, 'read'>;
  readonly waitMs?: number;
}

export class Witness {
  readonly #options: WitnessOptions;
  readonly #journals = new Map<string, Pick<Journal, 'read'>>();

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** What is sent from now on comes after these. Undefined: SQL did not say so in time. Never rejects. */
  heads(shards: readonly string[]): Promise<Positions | undefined> {
    return inTime(HEADS_MS, this.#options.store.heads(shards)).catch(() => undefined);
  }

  /**
   * What `said` brought about in `shard`, after where `heads` says that its journal ended; undefined: nothing yet, or
   * nobody can say. Never rejects with a Fault.
   */
  async find(shard: string, heads: Positions | undefined, said: Said): Promise<Committed | undefined> {
    if (heads === undefined) return undefined;
    const journal = this.#journals.get(shard) ?? this.#options.journalOf(shard);
    this.#journals.set(shard, journal);
    const waitMs = this.#options.waitMs ?? WAIT_MS;
    return await inTime(waitMs, search(journal, heads.get(shard) ?? (0 as Position), said, waitMs));
  }
}

async function search(
  journal: Pick<Journal, 'read'>,
  from: Position,
  said: Said,
  waitMs: number,
): Promise<Committed | undefined> {
  const untilMs = performance.now() + waitMs;
  let after = from;
  do {
    try {
      for await (const row of journal.read(after)) {
        for (const committed of carriedOutIn(row, said)) return committed;
        after = (row.firstPosition + row.count - 1) as Position;
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (!error.mayRetry) return undefined; // a newer program's row says nothing to us
    }
    await sleep(LOOK_MS);
  } while (performance.now() < untilMs);
  return undefined;
}
