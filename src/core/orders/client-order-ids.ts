/**
 * Remembers which client order ids are taken: those of orders that passed risk today, and of orders still working.
 * A denied order does not burn its id: a corrected one may come under it, on the same day.
 */
import { absorb, absorbUnits, absorbWord, begun, finished } from '../values/digest.ts';
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
  #user = '' as UserId;
  #id = '' as ClientOrderId;
  #high = keyDigest(this.#user, this.#id, SEED_HIGH);
  #low = keyDigest(this.#user, this.#id, SEED_LOW);

  /** The earlier order under this order's id, if there is one. */
  find(order: Order, clientOrderId: ClientOrderId): FirstUse | undefined {
    this.#digest(order.user, clientOrderId);
    const entry = (this.#index[this.#slotOf(this.#high, this.#low)] as number) - 1;
    if (entry < 0) return undefined;
    return {
      orderId: this.#orderIdAt(entry),
      isSameContent: this.#word(entry, 2) === contentDigest(order),
    };
  }

  add(order: Order, clientOrderId: ClientOrderId): void {
    if (100 * (this.#size + 1) > LOAD_MAX_PERCENT * this.#index.length) this.#grow();
    this.#digest(order.user, clientOrderId);
    const entry = this.#size++;
    if (entry % CHUNK_ENTRIES === 0) this.#chunks.push(new Uint32Array(CHUNK_ENTRIES * WORDS));
    const chunk = this.#chunks.at(-1) as Uint32Array;
    const at = (entry % CHUNK_ENTRIES) * WORDS;
    this.#index[this.#slotOf(this.#high, this.#low)] = entry + 1;
    chunk[at] = this.#high;
    chunk[at + 1] = this.#low;
    chunk[at + 2] = contentDigest(order);
    putUuid(chunk, at + 3, order.orderId);
  }

  /** Kept for the pair last asked for: `decide` asks for an id, and `evolve` adds it next. */
  #digest(user: UserId, id: ClientOrderId): void {
    if (id === this.#id && user === this.#user) return;
    this.#user = user;
    this.#id = id;
    this.#high = keyDigest(user, id, SEED_HIGH);
    this.#low = keyDigest(user, id, SEED_LOW);
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
const keyDigest = (user: UserId, id: ClientOrderId, seed: number): number =>
  finished(absorb(absorbWord(absorb(begun(seed), user), 0), id));

function contentDigest({ ticker, side, type, quantity, price, strategy }: Order): number {
  let hash = absorb(begun(SEED_CONTENT), ticker);
  hash = absorbWord(absorb(absorbWord(hash, 0), side), 0);
  hash = absorbUnits(absorb(hash, type), quantity);
  hash = price === undefined ? absorbWord(hash, 0) : absorbUnits(hash, price);
  return finished(absorb(hash, strategy));
}

const DASH = 45;

/** The 32 hexadecimal digits of `id` as four words from `at` on. */
function putUuid(words: Uint32Array, at: number, id: OrderId): void {
  let word = 0;
  let digits = 0;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if (code === DASH) continue;
    word = (word << 4) | (code < 58 ? code - 48 : (code | 32) - 87);
    digits++;
    if (digits % 8 === 0) words[at + digits / 8 - 1] = word;
  }
}
