/** Holds a journal against the checkpoints of its shard: a cut tail and a rewritten history both contradict one of them. */
import { evolve } from '../core/evolve.ts';
import { initialState, type State } from '../core/state.ts';
import { InvariantBroken } from '../core/values/assert.ts';
import type { Journal } from '../journal/journal.ts';
import { type Judge, type Progress, verify } from '../journal/verifier.ts';
import { STATE_VERSION, stateHash } from '../sequencer/snapshots.ts';
import type { Checkpoint, CheckpointState } from './checkpoint.ts';

export interface CheckpointProof {
  /** How many of them the journal bears out. */
  readonly proven: number;
  /** Those beyond the journal's end: facts that were there once. In a backup, facts that came after it. */
  readonly beyond: readonly Checkpoint[];
  /** How many name a state of another version than this program's: their hashes cannot be compared here. */
  readonly uncompared: number;
  readonly wrong: string | undefined;
}

/**
 * Reads the journal from genesis. A state of another version is passed over: the program that signed it can compare it.
 * @throws Fault JOURNAL_UNAVAILABLE
 */
export async function proveCheckpoints(
  checkpoints: readonly Checkpoint[],
  journal: Pick<Journal, 'read' | 'head'>,
  onProgress: (progress: Progress) => void = () => {},
): Promise<CheckpointProof> {
  const wanted = new Map(checkpoints.map(({ position, head }) => [position, head]));
  const states = Map.groupBy(comparable(checkpoints), ({ position }) => position);
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
    const expectedStates = states.get(position);
    return expectedStates === undefined ? undefined : contradiction(expectedStates, state);
  };
  const verdict = await verify(journal, onProgress, judge);
  if (!verdict.isSound) {
    return { ...NOTHING, wrong: `position ${verdict.position}: ${verdict.wrong}` };
  }
  const end = verdict.head.position;
  const missed = checkpoints.find(({ position }) => position <= end && !met.has(position));
  if (missed !== undefined) {
    return {
      ...NOTHING,
      wrong: `history was rewritten: no row ends at ${missed.position} any more`,
    };
  }
  const beyond = checkpoints.filter(({ position }) => position > end);
  const uncompared = checkpoints.filter(
    ({ position, state: named }) => position <= end && isOfAnother(named),
  ).length;
  return { proven: checkpoints.length - beyond.length, beyond, uncompared, wrong: undefined };
}

const NOTHING = { proven: 0, beyond: [], uncompared: 0 } as const;

const isOfAnother = (state: CheckpointState | null): boolean =>
  state?.version !== undefined && state.version !== STATE_VERSION;

const comparable = (checkpoints: readonly Checkpoint[]): readonly CheckpointState[] =>
  checkpoints.flatMap(({ state }) => (state === null || isOfAnother(state) ? [] : [state]));

/** Those that are named at this position, by as many checkpoints: they are the state that the facts come to. */
function contradiction(named: readonly CheckpointState[], state: State): string | undefined {
  const reckoned = stateHash(state).toString('hex');
  const wrong = named.find(({ hash }) => hash !== reckoned);
  if (wrong === undefined) return undefined;
  const says = 'a checkpoint has another state than the facts come to';
  return wrong.version === undefined ? `${says}, or a program of another version has signed it` : says;
}
