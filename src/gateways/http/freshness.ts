/** A client that got an answer and then reads sees what it wrote: reads wait for the read models to catch up. */
import { BoundedMap } from '../../cache/bounded-map.ts';
import type { Position, UserId } from '../../core/values/names.ts';
import { Fault } from '../../faults/fault.ts';
import type { Reads } from '../../projections/reads.ts';
import type { Engine } from '../../sequencer/engine.ts';

/** How long a read waits to be as fresh as the journal. */
const CURRENT_WAIT_MS = 1_000;
/** How much longer it waits for the caller's own writes. */
const OWN_WAIT_MS = 5_000;
const WRITERS_MAX = 20_000;

export class Freshness {
  readonly #engine: Pick<Engine, 'position'>;
  readonly #reads: Pick<Reads, 'reached'>;
  /** Each user's last answered write. */
  readonly #written = new BoundedMap<UserId, Position>(WRITERS_MAX);
  /** What was written in an earlier life of the server may be anyone's. */
  readonly #inherited: Position;

  constructor(engine: Pick<Engine, 'position'>, reads: Pick<Reads, 'reached'>) {
    this.#engine = engine;
    this.#reads = reads;
    this.#inherited = engine.position;
  }

  /** `user` was answered with facts up to `position`. */
  wrote(user: UserId, position: Position): void {
    this.#written.set(user, position);
  }

  /**
   * Waits until the read models are as fresh as the journal is now. Under a burst that may not be soon: then for
   * what `user` was answered, which they must see.
   * @throws Fault PROJECTION_BEHIND
   */
  async settle(user: UserId): Promise<void> {
    if (await this.#reads.reached(this.#engine.position, CURRENT_WAIT_MS)) return;
    const own = this.#written.get(user) ?? this.#inherited;
    if (await this.#reads.reached(own, OWN_WAIT_MS)) return;
    throw new Fault('PROJECTION_BEHIND');
  }
}
