/** Proves a journal and its shortcuts: folds the rows that the verifier reads, and compares every snapshot with them. */
import { createHash } from 'node:crypto';
import { evolve } from '../core/evolve.ts';
import { initialState, type State } from '../core/state.ts';
import { InvariantBroken } from '../core/values/assert.ts';
import type { Position } from '../core/values/names.ts';
import type { CommittedBatch } from '../journal/entry.ts';
import type { Head, Journal, SnapshotLabel, Snapshots } from '../journal/journal.ts';
import { type Progress, type Verdict, verify } from '../journal/verifier.ts';
import { isOfAnotherVersion, stateHash } from './snapshots.ts';

export interface WrongSnapshot {
  readonly position: Position;
  readonly wrong: string;
}

export interface Proof {
  readonly journal: Verdict;
  /** How many snapshots are the state that the facts come to. */
  readonly provenSnapshots: number;
  /** None are looked at while the journal itself does not hold. */
  readonly wrongSnapshots: readonly WrongSnapshot[];
}

/**
 * Verifies a shard and the snapshots that were kept of it when the work began, also while it is being written.
 * @throws Fault JOURNAL_UNAVAILABLE, DATABASE_UNAVAILABLE
 */
export async function prove(
  journal: Pick<Journal, 'read' | 'head'>,
  snapshots: Snapshots,
  onProgress: (progress: Progress) => void = () => {},
): Promise<Proof> {
  const labels = await snapshots.kept();
  const reckoning = new Reckoning(labels);
  const verdict = await verify(journal, onProgress, reckoning.hear);
  if (!verdict.isSound) return { journal: verdict, provenSnapshots: 0, wrongSnapshots: [] };

  const wrongSnapshots: WrongSnapshot[] = [];
  let provenSnapshots = 0;
  for (const label of await stillKept(labels, snapshots)) {
    const body = await snapshots.body(label.position);
    const wrong = wrongWith(label, body, reckoning.reckoned.get(label.position));
    if (wrong !== undefined) wrongSnapshots.push({ position: label.position, wrong });
    else if (body !== undefined && !isOfAnotherVersion(body)) provenSnapshots += 1;
  }
  return { journal: verdict, provenSnapshots, wrongSnapshots };
}

/** What a snapshot at a position has to claim. */
type Expected = Pick<SnapshotLabel, 'headHash' | 'stateHash'>;

/** The fold, and what it came to at each snapshot's position. */
class Reckoning {
  readonly reckoned = new Map<Position, Expected>();
  readonly #state: State = initialState();
  readonly #wanted: ReadonlySet<Position>;

  constructor(labels: readonly SnapshotLabel[]) {
    this.#wanted = new Set(labels.map(({ position }) => position));
  }

  /** Says what is wrong with facts that do not fit the ones before them. */
  readonly hear = ({ entries }: CommittedBatch, { position, hash }: Head): string | undefined => {
    try {
      for (const { events } of entries) for (const event of events) evolve(this.#state, event);
    } catch (error) {
      if (error instanceof InvariantBroken) return `the facts do not fit together: ${error.message}`;
      throw error;
    }
    if (hash !== undefined && this.#wanted.has(position)) {
      this.reckoned.set(position, { headHash: hash, stateHash: stateHash(this.#state) });
    }
    return undefined;
  };
}

/** A running platform replaces its snapshots: one that is gone by now needs no proof. */
async function stillKept(
  labels: readonly SnapshotLabel[],
  snapshots: Snapshots,
): Promise<readonly SnapshotLabel[]> {
  const now = await snapshots.kept();
  const isThere = (label: SnapshotLabel): boolean =>
    now.some(({ position, stateHash }) => position === label.position && stateHash.equals(label.stateHash));
  return labels.filter(isThere);
}

function wrongWith(
  label: SnapshotLabel,
  body: Buffer | undefined,
  expected: Expected | undefined,
): string | undefined {
  if (expected === undefined) return 'no row of the journal ends there';
  if (!label.headHash.equals(expected.headHash)) return 'it was taken of another journal';
  if (body === undefined) return 'its body cannot be read';
  if (!createHash('sha256').update(body).digest().equals(label.stateHash)) return 'its body was changed';
  if (isOfAnotherVersion(body)) return undefined; // cannot be compared, and no start goes on from it
  if (!label.stateHash.equals(expected.stateHash)) return 'its state is not what the facts come to';
  return undefined;
}
