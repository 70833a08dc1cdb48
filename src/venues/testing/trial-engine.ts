/** The real core behind the engine's port, committing to memory: what the venues' tests submit to. */
import type { Command } from '../../core/commands.ts';
import type { Event } from '../../core/events.ts';
import { evolve } from '../../core/evolve.ts';
import { initialState, type State } from '../../core/state.ts';
import { floor, run } from '../../core/testing/story.ts';
import type { Micros, Position } from '../../core/values/names.ts';
import { Fault } from '../../faults/fault.ts';
import type { Attribution, Committed, CommittedBatch } from '../../journal/entry.ts';
import type { Engine, EngineStatus } from '../../sequencer/engine.ts';

export interface Submission {
  readonly command: Command;
  readonly by: Attribution;
}

export class TrialEngine implements Engine {
  readonly status: EngineStatus = 'running';
  readonly state: State = initialState();
  /** Everything that was decided, in order. */
  readonly submissions: Submission[] = [];
  /** So many of the next submissions and questions are turned away. */
  busyFor = 0;
  /** Everything is turned away. */
  isStopped = false;
  /** The next submission is committed, and nobody hears of it: neither who asked nor who listens. Then it stops. */
  failsNext = false;
  /** Everything that ever happened, heard of or not. */
  readonly facts: Event[] = [];
  position = 0 as Position;
  readonly #listeners = new Set<(batch: CommittedBatch) => void>();

  constructor() {
    for (const event of floor) evolve(this.state, event);
  }

  async submit(command: Command, by: Attribution): Promise<Committed> {
    await this.#turn();
    this.submissions.push({ command, by });
    const events = run(this.state, command);
    this.facts.push(...events);
    const at = 0 as Micros;
    const firstPosition = (this.position + 1) as Position;
    this.position = (this.position + events.length) as Position;
    if (this.failsNext) {
      this.failsNext = false;
      this.isStopped = true;
      throw new Fault('JOURNAL_UNAVAILABLE');
    }
    const committed = { at, position: this.position, events };
    const batch = { firstPosition, lastPosition: this.position, entries: [{ ...by, at, events }] };
    if (events.length > 0) for (const listener of this.#listeners) listener(batch);
    return committed;
  }

  async read<T>(question: (state: State) => T): Promise<T> {
    await this.#turn();
    return question(this.state);
  }

  proveOwnership(): undefined {}

  subscribe(listener: (batch: CommittedBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onStatus(): () => void {
    return () => {};
  }

  async #turn(): Promise<void> {
    if (this.isStopped) throw new Fault('SEQUENCER_STOPPED');
    if (this.busyFor > 0) {
      this.busyFor -= 1;
      throw new Fault('SEQUENCER_BUSY');
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
