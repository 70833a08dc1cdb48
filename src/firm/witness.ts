/** What the journals say of a command whose answer got lost: slower than an answer, and worth as much. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatch } from '../bus/dispatch.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Committed } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import { isTraceable, type Traceable, wordsOn } from '../sequencer/carried-out.ts';
import { CLOCKS_APART } from '../sequencer/clock.ts';
import { inTime } from './in-time.ts';

/** How long a fact is looked for, in milliseconds. */
const PATIENCE_MS = 5_000;
/** Between two looks, in milliseconds. */
const LOOK_MS = 50;

type Readable = Pick<Journal, 'read' | 'positionBefore'>;

/** A dispatch whose facts can be told from all others by who asked, from where, under which correlation id, and for what. */
export type Witnessed = Dispatch & { readonly command: Traceable };

export const isWitnessed = (dispatch: Dispatch): dispatch is Witnessed => isTraceable(dispatch.command);

export class Witness {
  readonly #journalOf: (shard: string) => Readable;
  readonly #patienceMs: number;

  constructor(journalOf: (shard: string) => Readable, patienceMs: number = PATIENCE_MS) {
    this.#journalOf = journalOf;
    this.#patienceMs = patienceMs;
  }

  /**
   * The facts of `dispatch`, where they still hold: a halt that was released since is none. Undefined: not committed in
   * time as far as is known; it may be yet. @throws Fault JOURNAL_CORRUPT
   */
  async find(dispatch: Witnessed): Promise<Committed | undefined> {
    const over = new AbortController();
    const searching = this.#search(dispatch, over.signal);
    try {
      return await inTime(this.#patienceMs, searching);
    } finally {
      over.abort();
    }
  }

  async #search(dispatch: Witnessed, over: AbortSignal): Promise<Committed | undefined> {
    const journal = this.#journalOf(dispatch.shard);
    const since = (dispatch.sentAt - CLOCKS_APART) as Micros;
    let seen: Position | undefined;
    let found: Committed | undefined;
    while (!over.aborted) {
      try {
        seen ??= await journal.positionBefore(since);
        for await (const row of journal.read(seen)) {
          for (const word of wordsOn(row, dispatch, since)) found = word === 'undone' ? undefined : word;
          seen = (row.firstPosition + row.count - 1) as Position;
        }
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        if (error.code === 'JOURNAL_NEWER') return undefined; // a newer program's row says nothing to us
        if (!error.mayRetry) throw error;
      }
      await sleep(LOOK_MS);
    }
    return undefined;
  }
}
