/** The real core behind the engine's port, in memory and at once: what the door is tested against. */
import type { Command } from '../../../core/commands.ts';
import { decide } from '../../../core/decide.ts';
import { evolve } from '../../../core/evolve.ts';
import { initialState } from '../../../core/state.ts';
import { floor } from '../../../core/testing/story.ts';
import type { Micros, Position } from '../../../core/values/names.ts';
import type { Fault } from '../../../faults/fault.ts';
import type { Attribution, Committed, CommittedBatch } from '../../../journal/entry.ts';
import type { Engine, EngineStatus } from '../../../sequencer/engine.ts';

/** 2026-01-30T14:30:00Z. */
const OPENING = 1_769_783_400_000_000;

export class CoreEngine implements Engine {
  readonly state = initialState();
  status: EngineStatus = 'running';
  position = 0 as Position;
  /** Every command that came through the door, with who sent it. */
  readonly submitted: { readonly command: Command; readonly by: Attribution }[] = [];
  /** What the next calls fail with; undefined: they do not. */
  trouble: Fault | undefined;
  readonly #listeners = new Set<(batch: CommittedBatch) => void>();

  constructor() {
    for (const event of floor) evolve(this.state, event);
  }

  async submit(command: Command, by: Attribution): Promise<Committed> {
    if (this.trouble !== undefined) throw this.trouble;
    this.submitted.push({ command, by });
    return this.decide(command, by);
  }

  /** As a venue or a clock would have it: not through the door. */
  decide(command: Command, by: Attribution): Committed {
    const events = decide(this.state, command);
    const at = (OPENING + this.position * 1_000_001) as Micros;
    const firstPosition = (this.position + 1) as Position;
    for (const event of events) evolve(this.state, event);
    this.position = (this.position + events.length) as Position;
    if (events.length > 0) {
      const batch = { firstPosition, lastPosition: this.position, entries: [{ ...by, at, events }] };
      for (const listener of this.#listeners) listener(batch);
    }
    return { at, position: this.position, events };
  }

  async read<T>(question: (state: CoreEngine['state']) => T): Promise<T> {
    if (this.trouble !== undefined) throw this.trouble;
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
}
