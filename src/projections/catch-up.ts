/** Carries the views from where they stand to the journal's end: a stretch a transaction, the next one folded meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { assert } from '../core/values/assert.ts';
import type { Position } from '../core/values/names.ts';
import { decodeBatch } from '../journal/codec.ts';
import type { Journal } from '../journal/journal.ts';
import type { FactSpans } from './fact-spans.ts';
import type { Fold } from './fold.ts';
import type { Changes } from './rows.ts';
import { isSame, type Mark, readFlights, readMark } from './views.ts';
import { commit, prepare } from './writer.ts';

/** Where the views' facts come from. */
export interface Source {
  readonly shard: string;
  readonly journal: Pick<Journal, 'read' | 'head'>;
}

export interface Pace {
  /** At most about this many facts a transaction (a batch is never cut). */
  readonly factsMax: number;
  /** How long to rest after a transaction that took `tookMs`, in milliseconds. */
  readonly restMs: (tookMs: number) => number;
}

export interface Pass {
  readonly client: pg.ClientBase;
  readonly source: Source;
  readonly fold: Fold;
  readonly pace: Pace;
  /** The last fact to project; the journal's end by default. Must be the last of a batch. */
  readonly until?: Position | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Undefined: no fact is traced. */
  readonly spans?: FactSpans | undefined;
  readonly onCommitted?: ((mark: Mark) => void) | undefined;
}

/**
 * Projects what lies after `mark` and resolves with the new one; undefined when the views had moved on without us,
 * and `fold` is worth nothing any more. Whatever it throws, `fold` is void and the views are whole.
 */
export async function catchUp(mark: Mark, pass: Pass): Promise<Mark | undefined> {
  let writing: Promise<Mark | undefined> = Promise.resolve(mark);
  pass.spans?.cut(); // what an earlier pass did not come to write
  try {
    for await (const changes of stretches(mark, pass, () => writing)) {
      const current = await writing;
      if (current === undefined || changes === undefined) return undefined;
      const steps = prepare(pass.source.shard, changes);
      writing = write(current, pass, changes, steps);
      writing.catch(() => {}); // it is awaited below; meanwhile the next stretch is folded
    }
    return await writing;
  } finally {
    await writing.catch(() => {}); // nothing is under way on the connection when it is given back
  }
}

async function write(
  before: Mark,
  { client, source, pace, spans, onCommitted }: Pass,
  changes: Changes,
  steps: ReturnType<typeof prepare>,
): Promise<Mark | undefined> {
  const begun = performance.now();
  const traced = spans?.cut() ?? [];
  if (!(await commit(client, source.shard, before, changes, steps))) return undefined;
  spans?.done(traced, begun);
  const after = { position: changes.position, generation: before.generation };
  onCommitted?.(after);
  const restMs = pace.restMs(performance.now() - begun);
  if (restMs >= 1) await sleep(restMs);
  return after;
}

/**
 * The journal after `mark`, folded and cut into transactions. `written` is the outcome of the last one. Ends with
 * undefined when the views have moved on without us.
 */
async function* stretches(
  mark: Mark,
  pass: Pass,
  written: () => Promise<Mark | undefined>,
): AsyncGenerator<Changes | undefined> {
  const { client, source, fold, pace, until, signal, spans } = pass;
  assert(fold.position === mark.position, 'the fold stands where the views stand');
  let cutAt: number = mark.position;
  for await (const sealed of source.journal.read(mark.position)) {
    if (signal?.aborted === true) break;
    const batch = decodeBatch(sealed);
    if (until !== undefined && batch.lastPosition > until) break;
    const unknown = fold.unknown(batch);
    if (unknown.length > 0) {
      const current = await written(); // the rows may be in the transaction under way
      const flights = await readFlights(client, unknown);
      if (current === undefined || !isSame(current, await readMark(client, source.shard))) {
        yield undefined; // and the rows may be from beyond where we stand
        return;
      }
      fold.remember(flights);
    }
    spans?.heed(batch, fold.position);
    fold.apply(batch);
    if (fold.position - cutAt < pace.factsMax) continue;
    cutAt = fold.position;
    yield fold.take();
  }
  if (fold.position > cutAt) yield fold.take();
}
