/** What came of a command that every shard of the firm was given: who has applied it, and is that all of them? */
import type { Micros, Position } from '../../core/values/names.ts';
import type { Fault } from '../../faults/fault.ts';
import type { Positions, ShardOutcome } from '../../firm/firm.ts';
import { wireTime } from '../../protocol/times.ts';
import { isInDoubt } from './in-doubt.ts';

export class Everywhere {
  readonly outcomes: readonly ShardOutcome[];

  constructor(outcomes: readonly ShardOutcome[]) {
    this.outcomes = outcomes;
  }

  /** Of several commands one after the other: a shard is done when it has applied each of them. */
  static afterAll(rounds: readonly Everywhere[]): Everywhere {
    const last = rounds.at(-1)?.outcomes ?? [];
    const merged = last.map((outcome, index) => {
      const failed = rounds.map(({ outcomes }) => outcomes[index]).find((one) => one?.fault !== undefined);
      return failed === undefined ? outcome : { ...outcome, fault: failed.fault, committed: undefined };
    });
    return new Everywhere(merged);
  }

  /** As it is, except that those of which `isHeld` is true were not given all that was meant for them: `fault`. */
  except(isHeld: (shard: string) => boolean, fault: Fault): Everywhere {
    return new Everywhere(
      this.outcomes.map((outcome) =>
        outcome.committed === undefined || !isHeld(outcome.shard)
          ? outcome
          : { shard: outcome.shard, committed: undefined, fault },
      ),
    );
  }

  get isComplete(): boolean {
    return this.outcomes.every(({ committed }) => committed !== undefined);
  }

  /** One shard that has done as it was told: there is nothing to say of shards. */
  get isPlain(): boolean {
    return this.outcomes.length === 1 && this.isComplete;
  }

  /** When the last of them did; undefined: none has. */
  get at(): Micros | undefined {
    const times = this.outcomes.flatMap(({ committed }) => (committed === undefined ? [] : [committed.at]));
    return times.length === 0 ? undefined : (Math.max(...times) as Micros);
  }

  get positions(): Positions {
    return new Map<string, Position>(
      this.outcomes.flatMap(({ shard, committed }) =>
        committed === undefined ? [] : [[shard, committed.position] as const],
      ),
    );
  }

  /** @throws Fault of the first shard, where none has applied the command and none may yet */
  refuseNothing(): void {
    const isSomewhere = this.outcomes.some(
      ({ committed, fault }) => committed !== undefined || isInDoubt(fault),
    );
    const fault: Fault | undefined = this.outcomes[0]?.fault;
    if (!isSomewhere && fault !== undefined) throw fault;
  }

  wire() {
    return this.outcomes.map(({ shard, committed, fault }) => ({
      shard,
      applied: committed !== undefined,
      at: committed === undefined ? null : wireTime(committed.at),
      reason: fault?.message ?? null,
    }));
  }
}
