/** A client that got an answer and then reads sees what it wrote: reads wait for the views to catch up. */
import type { Position, UserId } from '../../core/values/names.ts';
import { Fault } from '../../faults/fault.ts';
import type { Firm, Positions } from '../../firm/firm.ts';
import type { Written } from '../../firm/written.ts';
import type { Reads } from '../../projections/reads.ts';

/** How long a read waits to be as fresh as the journals. */
const CURRENT_WAIT_MS = 1_000;
/** How long somebody waits who can do without, and would only be better informed. */
const GLANCE_MS = 100;
/** How much longer it waits for the caller's own writes. */
const OWN_WAIT_MS = 5_000;

export class Freshness {
  readonly #firm: Pick<Firm, 'heads'>;
  readonly #reads: Pick<Reads, 'reached'>;
  readonly #written: Written;

  constructor(firm: Pick<Firm, 'heads'>, reads: Pick<Reads, 'reached'>, written: Written) {
    this.#firm = firm;
    this.#reads = reads;
    this.#written = written;
  }

  /** `user` is about to be answered with facts of `shard` up to `position`: to be waited for where it is a promise. */
  wrote(user: UserId, shard: string, position: Position): Promise<void> | undefined {
    this.#written.note(user, shard, position);
    return this.#written.told();
  }

  /**
   * Waits until the read models are as fresh as the journals are now. Under a burst that may not be soon: then for
   * what `user` was answered, which they must see. Resolves with what they hold at least.
   * @throws Fault PROJECTION_BEHIND, DATABASE_UNAVAILABLE
   */
  async settle(user: UserId): Promise<Positions> {
    const heads = await this.#firm.heads();
    if (await this.#reached(heads, CURRENT_WAIT_MS)) return heads;
    const own = (await this.#written.of(user)) ?? heads;
    if (await this.#reached(own, OWN_WAIT_MS)) return own;
    throw new Fault('PROJECTION_BEHIND');
  }

  /** Do the read models hold all that is committed now, or in a moment? @throws Fault DATABASE_UNAVAILABLE */
  async isCurrent(): Promise<boolean> {
    return await this.#reached(await this.#firm.heads(), GLANCE_MS);
  }

  /** What a view must show to be no older than what `user` was answered. @throws Fault DATABASE_UNAVAILABLE */
  async owedTo(user: UserId): Promise<Positions> {
    return (await this.#written.of(user)) ?? (await this.#firm.heads());
  }

  async #reached(positions: Positions, waitMs: number): Promise<boolean> {
    const each = Array.from(positions, ([shard, position]) => this.#reads.reached(shard, position, waitMs));
    return (await Promise.all(each)).every((isThere) => isThere);
  }
}
