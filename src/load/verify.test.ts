import { afterEach, expect, test } from 'vitest';
import { Control, type OrderPage } from './control.ts';
import { Ledger } from './ledger.ts';
import { Trader } from './trader.ts';
import type { Answer, Operation, Transport } from './transport.ts';
import { type Verified, verify } from './verify.ts';

const RUN = 'load-run';
const idOf = (number: number): string => `0194a0f0-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** What the deployment holds: under each order id its client order id, the oldest first. */
type Books = Map<string, string>;

class ListOf extends Control {
  readonly #books: Books;
  constructor(books: Books) {
    super([]);
    this.#books = books;
  }
  override async logIn() {
    return { access: 'token', refresh: undefined, expiresInSeconds: 1800 };
  }
  /** Pages of two. */
  override async orders(_token: string, cursor: string | null): Promise<OrderPage> {
    const all = [...this.#books.keys()].reverse();
    const from = Number(cursor ?? 0);
    const page = all.slice(from, from + 2);
    return {
      orders: page.map((order_id) => ({ order_id, created_at: new Date().toISOString() })),
      next_cursor: from + 2 < all.length ? String(from + 2) : null,
    };
  }
}

/** Looks into the books; for some orders says something else first, as often as is listed. */
class LookInto implements Transport {
  onRoom: () => void = () => {};
  readonly troubles = new Map<string, number>();
  readonly #books: Books;
  readonly #instead: ReadonlyMap<string, string[]>;
  constructor(books: Books, instead: ReadonlyMap<string, string[]>) {
    this.#books = books;
    this.#instead = instead;
  }
  hasRoom(): boolean {
    return true;
  }
  begin(operation: Operation, _token: string, heard: (answer: Answer) => void): void {
    const orderId = operation.kind === 'get' ? operation.orderId : '';
    const instead = this.#instead.get(orderId)?.shift();
    const clientOrderId = this.#books.get(orderId);
    const isThere = instead === undefined && clientOrderId !== undefined;
    const outcome = instead ?? (isThere ? '200' : '404 ORDER_UNKNOWN');
    setImmediate(() => heard({ kind: isThere ? 'good' : 'failed', outcome, orderId, clientOrderId }));
  }
  close(): void {}
}

const traders: Trader[] = [];
afterEach(() => {
  for (const trader of traders.splice(0)) trader.leave();
});

/** Five orders were acknowledged and are held; `change` then changes what is held. */
async function verified(
  change: (books: Books) => void = () => {},
  instead: ReadonlyMap<string, string[]> = new Map(),
  signal = new AbortController().signal,
): Promise<Verified> {
  const books: Books = new Map();
  const ledger = new Ledger();
  for (let number = 0; number < 5; number++) {
    books.set(idOf(number), `${RUN}-${number}`);
    ledger.add({ orderId: idOf(number), number, trader: 0 });
  }
  change(books);
  const control = new ListOf(books);
  traders.push(await Trader.logIn(control, { name: 'ann', password: 'x' }));
  return await verify({
    ledger,
    traders,
    transport: new LookInto(books, instead),
    control,
    run: RUN,
    since: new Date(),
    tell: () => {},
    signal,
  });
}

const none = { missing: 0, strange: 0, twice: 0, unread: 0, unacknowledged: 0 };

test('all there, once each: sound, whatever else others have placed', async () => {
  const found = await verified((books) => books.set(idOf(90), 'somebody-else-1'));
  expect(found).toEqual({ acknowledged: 5, held: 5, ...none, examples: [], isSound: true });
});

test('an order that is not there is missing', async () => {
  const found = await verified((books) => books.delete(idOf(2)));
  expect(found).toMatchObject({ held: 4, ...none, missing: 1, isSound: false });
  expect(found.examples).toEqual([`${idOf(2)} (${RUN}-2) is not there`]);
});

test('an order that is there under another name is strange', async () => {
  const found = await verified((books) => books.set(idOf(2), `${RUN}-7`));
  expect(found).toMatchObject({ held: 4, ...none, strange: 1, isSound: false });
});

test('an order that is there again under another id is there twice', async () => {
  const found = await verified((books) => books.set(idOf(90), `${RUN}-3`));
  expect(found).toMatchObject({ held: 5, ...none, twice: 1, isSound: false });
  expect(found.examples).toEqual([`${RUN}-3 is there again as ${idOf(90)}`]);
});

test('an order whose answer was lost is told, and is no fault', async () => {
  const found = await verified((books) => books.set(idOf(90), `${RUN}-8`));
  expect(found).toMatchObject({ held: 5, ...none, unacknowledged: 1, isSound: true });
});

test('who does not answer is asked again, and is unknown in the end, not missing', async () => {
  const busy = (times: number) =>
    new Map([[idOf(1), Array.from({ length: times }, () => '503 PROJECTION_BEHIND')]]);
  expect(await verified(undefined, busy(3))).toMatchObject({ held: 5, isSound: true });
  expect(await verified(undefined, busy(50))).toMatchObject({ held: 4, ...none, unread: 1, isSound: false });
});

test('what was not looked at is unknown, and no proof', async () => {
  const found = await verified(undefined, new Map(), AbortSignal.abort());
  expect(found).toMatchObject({ held: 0, ...none, unread: 5, isSound: false });
});

test('a ledger grows, and gives back what it was given', () => {
  const ledger = new Ledger();
  const given = Array.from({ length: 10_000 }, (_, number) => ({
    orderId: idOf(number),
    number,
    trader: number % 7,
  }));
  for (const each of given) ledger.add(each);
  expect([ledger.count, ledger.kept]).toEqual([10_000, 10_000]);
  expect(given.every((each, i) => JSON.stringify(ledger.at(i)) === JSON.stringify(each))).toBe(true);
  ledger.add({ orderId: 'no uuid', number: 1, trader: 0 });
  expect([ledger.count, ledger.kept]).toEqual([10_001, 10_000]);
});
