/** The state as the fold of the journal: from the newest snapshot that holds, or from zero. The one way a state is made. */
import { evolve } from '../core/evolve.ts';
import { initialState, type State } from '../core/state.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { EMPTY, hashOf, headAfter, isSameHead } from '../journal/chain.ts';
import { decodeBatch } from '../journal/codec.ts';
import type { CommittedBatch } from '../journal/entry.ts';
import type { Head, Journal, SealedBatch, Snapshot, Snapshots } from '../journal/journal.ts';
import { stateFrom } from './snapshots.ts';

/** A state, and the place in the journal that it is the state of. */
export interface Folded {
  readonly state: State;
  readonly head: Head;
  /** When the last row was recorded; 0 while the journal is empty. */
  readonly at: Micros;
  /** Position of the snapshot that the fold began with; 0 where it began with nothing. */
  readonly snapshotPosition: Position;
}

export interface FoldOptions {
  readonly journal: Journal;
  /** Undefined: always fold from zero. */
  readonly snapshots: Snapshots | undefined;
  /** Hears every batch after `tellAfter`, in order, also those that the snapshot holds already. */
  readonly tell?: (batch: CommittedBatch) => void;
  readonly tellAfter?: Position;
  /** Hears how far the fold has come, after each row. */
  readonly onProgress?: (position: Position) => void;
  /** Hears of a snapshot that had to be passed over. */
  readonly onWarning?: (says: string) => void;
}

/**
 * Folds the journal to its end, checking every link on the way.
 * @throws Fault JOURNAL_UNAVAILABLE
 * @throws Fault JOURNAL_CORRUPT: a row is missing or changed
 * @throws InvariantBroken when the facts do not fit together
 */
export async function fold(options: FoldOptions): Promise<Folded> {
  const snapshot = await options.snapshots?.latest();
  if (snapshot === undefined) return await foldFrom(initialState(), 0 as Position, options);
  const { position } = snapshot;
  const state = stateFrom(snapshot);
  if (state !== undefined && (await isOfThisChain(snapshot, options.journal))) {
    return await foldFrom(state, position, options);
  }
  const why = state === undefined ? 'does not read' : 'is of another journal';
  options.onWarning?.(`the snapshot at ${position} ${why}; folding from zero. Run: itirp verify`);
  return await foldFrom(initialState(), 0 as Position, options);
}

/** Does the row that ends at its position have the hash that it was taken after? */
async function isOfThisChain({ position, headHash }: Snapshot, journal: Journal): Promise<boolean> {
  if (position < 1) return false;
  for await (const row of journal.read((position - 1) as Position)) {
    return isSameHead(headAfter(row), { position, hash: headHash });
  }
  return true; // the journal ends before it: facts were lost, which the fold says louder
}

/**
 * Goes on from `state`, which is that of `position`. Reading starts one row early, at the row that ends there:
 * its hash is what the next row must be chained to.
 */
async function foldFrom(state: State, position: Position, options: FoldOptions): Promise<Folded> {
  const { journal, tell, onProgress } = options;
  const tellAfter = tell === undefined ? position : (options.tellAfter ?? position);
  const after = Math.min(Math.max(position - 1, 0), tellAfter) as Position;
  let last: SealedBatch | undefined;
  for await (const row of journal.read(after)) {
    if (last === undefined) checkFirst(row, after);
    else checkLink(row, last);
    if (row.firstPosition <= position && lastOf(row) > position) {
      throw corrupt(`the row at ${row.firstPosition} runs across the snapshot at ${position}`);
    }
    last = row;
    const lastPosition = lastOf(row);
    const isFolded = lastPosition <= position;
    const isTold = lastPosition <= tellAfter;
    if (isFolded && isTold) continue;
    const batch = decodeBatch(row);
    if (!isFolded) for (const { events } of batch.entries) for (const event of events) evolve(state, event);
    if (!isTold) tell?.(batch);
    onProgress?.(lastPosition);
  }
  const head = last === undefined ? EMPTY : headAfter(last);
  if (head.position < position)
    throw corrupt(`it ends at ${head.position}, before the snapshot at ${position}`);
  return { state, head, at: last?.recordedAt ?? (0 as Micros), snapshotPosition: position };
}

/** The row that reading began with: it holds the position after `after`. @throws Fault JOURNAL_CORRUPT */
function checkFirst(row: SealedBatch, after: Position): void {
  const first = row.firstPosition;
  if (!hashOf(row).equals(row.hash)) throw corrupt(`the row at ${first} was changed`);
  if (first > after + 1) throw corrupt(`rows are missing before ${first}`);
  const isGenesis = first === 1;
  if (isGenesis !== (row.previousHash === undefined))
    throw corrupt(`the row at ${first} has a wrong beginning`);
}

/** @throws Fault JOURNAL_CORRUPT when `row` is not the one that was written after `before` */
function checkLink(row: SealedBatch, before: SealedBatch): void {
  const first = row.firstPosition;
  if (!hashOf(row).equals(row.hash)) throw corrupt(`the row at ${first} was changed`);
  if (first !== before.firstPosition + before.count) throw corrupt(`rows are missing before ${first}`);
  if (row.previousHash?.equals(before.hash) !== true) {
    throw corrupt(`the row at ${first} is not chained to the one before it`);
  }
  if (row.epoch < before.epoch) throw corrupt(`the row at ${first} is of an earlier epoch`);
}

const lastOf = (row: SealedBatch): Position => headAfter(row).position;

const corrupt = (says: string): Fault => new Fault('JOURNAL_CORRUPT', says);
