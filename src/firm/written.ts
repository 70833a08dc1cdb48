/** What each user was answered last, shard by shard: what they read afterwards must show it. */
import { BoundedMap } from '../cache/bounded-map.ts';
import type { Position, UserId } from '../core/values/names.ts';
import type { Positions } from './firm.ts';

export interface Written {
  /** `user` is about to be answered with facts of `shard` up to `position`. */
  note(user: UserId, shard: string, position: Position): void;
  /** Undefined: nobody else must know. Resolves when the other nodes can, or when it is no use to wait; never rejects. */
  told(): Promise<void> | undefined;
  /** Undefined: not known, so it may be anything up to where the journals end. Never rejects. */
  of(user: UserId): Promise<Positions | undefined>;
}

const WRITERS_MAX = 20_000;

/** Remembers what was answered by this process; what came before its time may be anyone's. */
export class OwnWritten implements Written {
  readonly #written = new BoundedMap<UserId, Map<string, Position>>(WRITERS_MAX);
  readonly #inherited: Positions | undefined;

  /** `inherited`: where the journals stood when nobody else could write any more; undefined: others still do. */
  constructor(inherited: Positions | undefined) {
    this.#inherited = inherited;
  }

  note(user: UserId, shard: string, position: Position): void {
    const known = this.#written.get(user);
    if (known === undefined) this.#written.set(user, new Map(this.#inherited).set(shard, position));
    else if ((known.get(shard) ?? 0) < position) known.set(shard, position);
  }

  told(): undefined {}

  async of(user: UserId): Promise<Positions | undefined> {
    return this.#written.get(user) ?? this.#inherited;
  }
}
