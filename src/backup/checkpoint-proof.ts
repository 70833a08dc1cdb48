/** Holds a journal against the checkpoints of its shard: a cut tail and a rewritten history both contradict one of them. */
import { evolve } from '../core/evolve.ts';
import { initialState } from '../core/state.ts';
import { InvariantBroken } from '../core/values/assert.ts';
import type { Journal } from '../journal/journal.ts';
import { type Judge, type Progress, verify } from '../journal/verifier.ts';
import { stateHash } from '../sequencer/snapshots.ts';
import type { Checkpoint } from './checkpoint.ts';

export interface CheckpointProof {
  /** How many of them the journal bears out. */
  readonly proven: number;
  /** Those beyond the journal's end: facts that were there once. In a backup, facts that came after it. */
  readonly beyond: readonly Checkpoint[];
  readonly wrong: string | undefined;
}

/**
 * Reads the journal from genesis. `isStateKnown` false: state hashes of another program version are passed over.
 * @throws Fault JOURNAL_UNAVAILABLE
 */
export async function proveCheckpoints(
  checkpoints: readonly Checkpoint[],
  journal: Pick<Journal, 'read' | 'head'>,
  onProgress: (progress: Progress) => void = () => {},
): Promise<CheckpointProof> {
  const wanted = new Map(checkpoints.map(({ position, head }) => [position, head]));
  const states = new Map(
    checkpoints.flatMap(({ state }) => (state === null ? [] : [[state.position, state.hash] as const])),
  );
  const met = new Set<number>([0]);
  const state = initialState();
  const judge: Judge = ({ entries }, { position, hash }) => {
    try {
      for (const { events } of entries) for (const event of events) evolve(state, event);
    } catch (error) {
      if (error instanceof InvariantBroken) return `the facts do not fit together: ${error.message}`;
      throw error;
    }
    const expected = wanted.get(position);
    if (expected !== undefined && expected !== hash?.toString('hex')) {
      return 'history was rewritten: a checkpoint has another hash';
    }
    met.add(position);
    const expectedState = states.get(position);
    if (expectedState !== undefined && expectedState !== stateHash(state).toString('hex')) {
      return 'a checkpoint has another state than the facts come to';
    }
    return undefined;
  };
  const verdict = await verify(journal, onProgress, judge);
  if (!verdict.isSound) {
    return { proven: 0, beyond: [], wrong: `position ${verdict.position}: ${verdict.wrong}` };
  }
  const end = verdict.head.position;
  const missed = checkpoints.find(({ position }) => position <= end && !met.has(position));
  if (missed !== undefined) {
    return {
      proven: 0,
      beyond: [],
      wrong: `history was rewritten: no row ends at ${missed.position} any more`,
    };
  }
  const beyond = checkpoints.filter(({ position }) => position > end);
  return { proven: checkpoints.length - beyond.length, beyond, wrong: undefined };
}
