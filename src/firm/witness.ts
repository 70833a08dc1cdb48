/** What the journals say of a command whose answer got lost: slower than an answer, and worth as much. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatch } from '../bus/dispatch.ts';
import type { RecordAccess } from '../core/commands.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { decodeBatch } from '../journal/codec.ts';
import type { Committed, CommittedBatch, Entry } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';

/** How long a fact is looked for, in milliseconds. */
const PATIENCE_MS = 5_000;
/** Between two looks, in milliseconds. */
const LOOK_MS = 50;
/** Clocks of two machines that work are no further apart, in microseconds: each is within two seconds of PostgreSQL's. */
const CLOCKS_APART = 5_000_000;

type Readable = Pick<Journal, 'read' | 'positionBefore'>;

/** A dispatch whose facts can be told from all others by who asked, from where, under which correlation id, and for what. */
export type Witnessed = Dispatch & { readonly command: RecordAccess };

export const isWitnessed = (dispatch: Dispatch): dispatch is Witnessed =>
  dispatch.command.type === 'RecordAccess';

export class Witness {
  readonly #journalOf: (shard: string) => Readable;
  readonly #patienceMs: number;

  constructor(journalOf: (shard: string) => Readable, patienceMs: number = PATIENCE_MS) {
    this.#journalOf = journalOf;
    this.#patienceMs = patienceMs;
  }

  /** Undefined: not committed in time as far as is known; it may be yet. @throws Fault JOURNAL_CORRUPT */
  async find(dispatch: Witnessed): Promise<Committed | undefined> {
    const journal = this.#journalOf(dispatch.shard);
    const until = performance.now() + this.#patienceMs;
    let seen: Position | undefined;
    for (;;) {
      try {
        seen ??= await journal.positionBefore((dispatch.sentAt - CLOCKS_APART) as Micros);
        for await (const row of journal.read(seen)) {
          const batch = decodeBatch(row);
          const committed = factsOf(dispatch, batch);
          if (committed !== undefined) return committed;
          seen = batch.lastPosition;
        }
      } catch (error) {
        if (!(error instanceof Fault && error.mayRetry)) throw error;
      }
      if (performance.now() >= until) return undefined;
      await sleep(LOOK_MS);
    }
  }
}

/** What `dispatch` brought about, where it is in `batch`. */
function factsOf(dispatch: Witnessed, { firstPosition, entries }: CommittedBatch): Committed | undefined {
  let next = firstPosition as number;
  for (const entry of entries) {
    const { at, events } = entry;
    next += events.length;
    if (isOf(entry, dispatch)) return { at, position: (next - 1) as Position, events };
  }
  return undefined;
}

function isOf(entry: Entry, { command, by, sentAt }: Witnessed): boolean {
  const isTheirs =
    entry.correlationId === by.correlationId && entry.user === by.user && entry.origin === by.origin;
  if (!isTheirs || entry.at < sentAt - CLOCKS_APART) return false;
  return entry.events.some(
    (event) =>
      event.type === 'AccessRecorded' && event.what === command.what && event.subject === command.subject,
  );
}
