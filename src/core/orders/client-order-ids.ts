/**
 * Remembers which client order ids are taken: those of orders that passed risk today, and of orders still working.
 * A denied order does not burn its id: a corrected one may come under it, on the same day.
 */
import { digest32 } from '../values/digest.ts';
import type { ClientOrderId, OrderId, UserId } from '../values/names.ts';
import type { Order } from './order.ts';

const SEED_HIGH = 0x3c6ef372;
const SEED_LOW = 0x1b873593;
const SEED_CONTENT = 0x52dce729;
const CAPACITY_FIRST = 1024;
const LOAD_MAX_PERCENT = 80;
/** An entry is seven 32-bit words: the key's digest (2), the content's (1), the order id (4). */
const WORDS = 7;
const CHUNK_ENTRIES = 16_384;

/** What was first placed under a client order id. */
export interface FirstUse {
  readonly orderId: OrderId;
  readonly isSameContent: boolean;
}

/**
 * Entries lie in chunks of a flat array that never move; an index of 32-bit slots finds them. About 35 bytes an
 * id, so that a million orders a day cost what a few thousand objects would. Two keys share a 64-bit digest with
 * a chance of n²/2^65: the later order would be refused as a duplicate, never doubled.
 */
export class ClientOrderIds {
  #chunks: Uint32Array[] = [];
  #size = 0;
  /** Entry number plus one; 0 is free. */
  #index = new Uint32Array(CAPACITY_FIRST);

  /** The earlier order under this order's id, if there is one. */
  find(order: Order, clientOrderId: ClientOrderId): FirstUse | undefined {
    const key = keyOf(order.user, clientOrderId);
    const entry =
      (this.#index[this.#slotOf(digest32(key, SEED_HIGH), digest32(key, SEED_LOW))] as number) - 1;
    if (entry < 0) return undefined;
    return {
      orderId: this.#orderIdAt(entry),
      isSameContent: this.#word(entry, 2) === digest32(contentOf(order), SEED_CONTENT),
    };
  }

  add(order: Order, clientOrderId: ClientOrderId): void {
    if (100 * (this.#size + 1) > LOAD_MAX_PERCENT * this.#index.length) this.#grow();
    const key = keyOf(order.user, clientOrderId);
    const high = digest32(key, SEED_HIGH);
    const low = digest32(key, SEED_LOW);
    const entry = this.#size++;
    if (entry % CHUNK_ENTRIES === 0) this.#chunks.push(new Uint32Array(CHUNK_ENTRIES * WORDS));
    const chunk = this.#chunks.at(-1) as Uint32Array;
    const at = (entry % CHUNK_ENTRIES) * WORDS;
    const hex = order.orderId.replaceAll('-', '');
    this.#index[this.#slotOf(high, low)] = entry + 1;
    chunk[at] = high;
    chunk[at + 1] = low;
    chunk[at + 2] = digest32(contentOf(order), SEED_CONTENT);
    for (let word = 0; word < 4; word++) {
      chunk[at + 3 + word] = Number.parseInt(hex.slice(8 * word, 8 * word + 8), 16);
    }
  }

  /** Forgets every id; whoever still works under one adds it again. */
  startDay(): void {
    this.#chunks = [];
    this.#size = 0;
    this.#index = new Uint32Array(CAPACITY_FIRST);
  }

  dump(): readonly unknown[] {
    const bytes = this.#chunks.map((chunk) => new Uint8Array(chunk.slice().buffer));
    return [this.#size, bytes, new Uint8Array(this.#index.slice().buffer)];
  }

  static restore(dump: readonly unknown[]): ClientOrderIds {
    const [size, chunks, index] = dump as [number, readonly Uint8Array[], Uint8Array];
    const ids = new ClientOrderIds();
    ids.#size = size;
    ids.#chunks = chunks.map((bytes) => new Uint32Array(bytes.slice().buffer));
    ids.#index = new Uint32Array(index.slice().buffer);
    return ids;
  }

  #word(entry: number, word: number): number {
    const chunk = this.#chunks[Math.floor(entry / CHUNK_ENTRIES)] as Uint32Array;
    return chunk[(entry % CHUNK_ENTRIES) * WORDS + word] as number;
  }

  #orderIdAt(entry: number): OrderId {
    let hex = '';
    for (let word = 3; word < WORDS; word++) hex += this.#word(entry, word).toString(16).padStart(8, '0');
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
    return parts.join('-') as OrderId;
  }

  /** Where the key's entry number stands, or the free slot where it would. Linear probing. */
  #slotOf(high: number, low: number): number {
    const capacity = this.#index.length;
    let slot = Math.floor((high / 0x1_0000_0000) * capacity);
    for (;;) {
      const entry = (this.#index[slot] as number) - 1;
      if (entry < 0 || (this.#word(entry, 0) === high && this.#word(entry, 1) === low)) return slot;
      slot = slot + 1 === capacity ? 0 : slot + 1;
    }
  }

  #grow(): void {
    this.#index = new Uint32Array(Math.ceil((this.#index.length * 3) / 2));
    for (let entry = 0; entry < this.#size; entry++) {
      this.#index[this.#slotOf(this.#word(entry, 0), this.#word(entry, 1))] = entry + 1;
    }
  }
}

/** User names hold no NUL, so no two pairs run into one text. */
const keyOf = (user: UserId, id: ClientOrderId): string => `${user}\0${id}`;

const contentOf = (order: Order): string =>
  `${order.ticker}\0${order.side}\0${order.type}\0${order.quantity}\0${order.price ?? ''}\0${order.strategy}`;
