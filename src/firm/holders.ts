/** Whose orders are whose, and in which shard, for those that nobody has answered for yet. SQL knows the rest. */
import type { Dispatch } from '../bus/dispatch.ts';
import { BoundedMap } from '../cache/bounded-map.ts';
import type { Cache } from '../cache/cache.ts';
import type { Order } from '../core/orders/order.ts';
import type { Micros, OrderId, UserId } from '../core/values/names.ts';
import { CLOCKS_APART, type Clock } from '../sequencer/clock.ts';
import type { Holder } from './firm.ts';

/** Orders placed here whose holder is remembered, so that a cancel finds its shard without a look at SQL. */
const HOLDERS_MAX = 100_000;
/** How long the other nodes may know of an order that nobody has answered for yet. */
const HOLDER_TTL_MS = 3_600_000;
/** After its deadline an order is not carried out; its denial, or its facts, may take so long to be read. */
const TAKE_IN_MS = 30_000;

export interface HoldersOptions {
  readonly cache: Cache;
  readonly clock: Clock;
  /** An order that comes to its engine later than this is refused, in milliseconds. */
  readonly deadlineMs: number;
}

export class Holders {
  readonly #options: HoldersOptions;
  readonly #own = new BoundedMap<OrderId, Holder>(HOLDERS_MAX);

  constructor(options: HoldersOptions) {
    this.#options = options;
  }

  /** What nobody has answered for, the other nodes hear of too: whoever placed it may ask at any of them. */
  note({ orderId, user }: Order, { shard, deadline }: Dispatch, isAnswered: boolean): void {
    if (isAnswered || deadline === undefined) {
      this.#own.set(orderId, { user, shard });
      return;
    }
    const holder: Holder = { user, shard, pendingUntil: (deadline + TAKE_IN_MS * 1000) as Micros };
    this.#own.set(orderId, holder);
    void this.#options.cache.set(holderKey(orderId), JSON.stringify(holder), HOLDER_TTL_MS);
  }

  /** Of orders placed here, and of those that some node got no answer for. */
  async of(orderId: OrderId): Promise<Holder | undefined> {
    const own = this.#own.get(orderId);
    if (own !== undefined) return own;
    const text = await this.#options.cache.get(holderKey(orderId));
    return text === undefined ? undefined : decodeHolder(text);
  }

  /**
   * By the time that the id was made at. It asks nothing of the cache: the node that placed the order may have been cut
   * off from it when nobody else was.
   */
  mayBeUnderWay(orderId: OrderId): boolean {
    return this.mayExist(orderId) && this.#ageMsOf(orderId) < this.#options.deadlineMs + TAKE_IN_MS;
  }

  /** False: nobody has given out this id, or not yet. */
  mayExist(orderId: OrderId): boolean {
    return this.#ageMsOf(orderId) > -CLOCKS_APART / 1000;
  }

  #ageMsOf(orderId: OrderId): number {
    const bornMs = bornAtMs(orderId);
    return bornMs === undefined ? Number.NEGATIVE_INFINITY : this.#options.clock.now() / 1000 - bornMs;
  }
}

/** When a UUIDv7 was made, in milliseconds since 1970; undefined: it is no such id, so none of ours. */
const bornAtMs = (id: string): number | undefined =>
  id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;

const holderKey = (orderId: OrderId): string => `itirp:holder:${orderId}`;

function decodeHolder(text: string): Holder | undefined {
  try {
    const { user, shard, pendingUntil } = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (typeof user !== 'string' || typeof shard !== 'string') return undefined;
    const until = typeof pendingUntil === 'number' ? (pendingUntil as Micros) : undefined;
    return { user: user as UserId, shard, pendingUntil: until };
  } catch {
    return undefined;
  }
}
