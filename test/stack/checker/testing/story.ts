/** Evidence made by hand, for the checker's own tests: a good day in two shards, which each test then breaks in one place. */
import type { Event } from '../../../../src/core/events.ts';
import type { Instrument } from '../../../../src/core/instruments/instrument.ts';
import type { Order } from '../../../../src/core/orders/order.ts';
import type { Limits } from '../../../../src/core/risk/limits.ts';
import { notional, price, quantity } from '../../../../src/core/values/fixed-point.ts';
import type {
  AccountId,
  ClientOrderId,
  CorrelationId,
  ExecutionId,
  Micros,
  OrderId,
  Ticker,
  TradingDate,
  UserId,
} from '../../../../src/core/values/names.ts';
import { EMPTY, headAfter, sealAfter } from '../../../../src/journal/chain.ts';
import { decodeBatch, encodeEntries } from '../../../../src/journal/codec.ts';
import type { Entry } from '../../../../src/journal/entry.ts';
import type { SealedBatch } from '../../../../src/journal/journal.ts';
import { verify } from '../../../../src/journal/verifier.ts';
import type { Ask, Call, Phase, PlaceAsk, Reply } from '../../history/record.ts';
import type { Evidence, ShardJournal, ViewRows } from '../evidence.ts';

export const SHARDS = ['left', 'right'] as const;
export type Shard = (typeof SHARDS)[number];

/** A UUID that is told apart by its number. */
export const id = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const orderId = (n: number): OrderId => id(n) as OrderId;

const TICKER = 'AAPL' as Ticker;
const AAPL: Instrument = { ticker: TICKER, currency: 'USD', tickSize: price('0.01'), lotSize: quantity('1') };

export const limits = (each: string): Limits => ({
  positionMax: notional(each),
  dailyVolumeMax: notional(each),
  netExposureMax: notional(each),
  grossExposureMax: notional(each),
});

/** A buy of 100 at 150 by alice, but for what is said. */
export const ask = (n: number, words: Partial<PlaceAsk> = {}): PlaceAsk => ({
  what: 'place',
  user: 'alice',
  clientOrderId: `c${n}`,
  symbol: 'AAPL',
  side: 'BUY',
  type: 'LIMIT',
  quantity: '100',
  price: '150',
  ...words,
});

/** The core's order for what was asked, under the order id of number `n`. */
export const orderFor = (n: number, asked: PlaceAsk, correlationId: string): Order => ({
  orderId: orderId(n),
  correlationId: correlationId as CorrelationId,
  user: asked.user as UserId,
  account: asked.user.toUpperCase() as AccountId,
  ticker: asked.symbol as Ticker,
  side: asked.side,
  type: asked.type,
  quantity: quantity(asked.quantity),
  price: asked.price === undefined ? undefined : price(asked.price),
  strategy: 'default',
  clientOrderId: asked.clientOrderId as ClientOrderId,
});

export const accepted = (order: Order): Event => ({
  type: 'OrderAccepted',
  order,
  mark: price('150'),
  reservePrice: order.price ?? price('150'),
  boundPrice: order.price ?? price('150'),
});
export const denied = (order: Order): Event => ({ type: 'OrderDenied', order, refusals: [] });
export const filled = (n: number, execution: string, units: string): Event => ({
  type: 'OrderFilled',
  orderId: orderId(n),
  executionId: execution as ExecutionId,
  quantity: quantity(units),
  price: price('150'),
});

interface Row {
  readonly entry: Entry;
  readonly epoch: number;
  readonly offset: bigint | undefined;
}

const NO_VIEWS: ViewRows = { orders: [], executions: [], positions: [], rebuilt: [] };

/** Every call takes 5 ms and every fact is written in the middle of the one before it. */
export class Story {
  readonly calls: Call[] = [];
  views: ViewRows = NO_VIEWS;
  epoch = 1;
  offset: bigint | undefined = 0n;
  /** Milliseconds. */
  now = 1_800_000_000_000;
  readonly #rows: Record<Shard, Row[]> = { left: [], right: [] };

  /** A call under the correlation id of its number, counted from 1000. */
  call(asked: Ask, phase: Phase, reply: Reply = {}): string {
    const call = this.calls.length;
    const correlationId = id(1000 + call);
    this.now += 10;
    const [invokedAt, endedAt] = [this.now, this.now + 5];
    this.calls.push({ call, process: 'tester', correlationId, ask: asked, invokedAt, phase, endedAt, reply });
    return correlationId;
  }

  /** One row with these facts. */
  write(shard: Shard, correlationId: string, ...events: readonly Event[]): void {
    const at = Math.round((this.now + 2) * 1000) as Micros;
    const who = { user: 'alice' as UserId, origin: 'test', reason: undefined };
    const entry: Entry = { at, ...who, correlationId: correlationId as CorrelationId, events };
    this.#rows[shard].push({ entry, epoch: this.epoch, offset: this.offset });
    if (this.offset !== undefined) this.offset += 1n;
  }

  /** Asked, decided in `shard` and answered. */
  approved(shard: Shard, n: number, asked: PlaceAsk = ask(n)): Order {
    const correlationId = this.call(asked, 'ok', { status: 200, word: 'APPROVED', orderId: orderId(n) });
    const order = orderFor(n, asked, correlationId);
    this.write(shard, correlationId, accepted(order));
    return order;
  }

  async evidence(): Promise<Evidence> {
    const shards = await Promise.all(SHARDS.map((shard) => sealed(shard, this.#rows[shard])));
    return { calls: this.calls, shards, views: this.views };
  }
}

async function sealed(shard: Shard, written: readonly Row[]): Promise<ShardJournal> {
  const rows: SealedBatch[] = [];
  let head = EMPTY;
  for (const { entry, epoch, offset } of written) {
    const body = encodeEntries([entry]);
    const count = entry.events.length;
    const source = offset === undefined ? undefined : { source: 'k/itirp.commands/0', offset };
    const row = sealAfter(head, { shard, count, epoch, recordedAt: entry.at, body, source });
    head = headAfter(row);
    rows.push(row);
  }
  return gathered(shard, rows, head);
}

/** What the verifier says of rows in memory. */
export async function gathered(
  shard: string,
  rows: readonly SealedBatch[],
  head: ShardJournal['head'],
): Promise<ShardJournal> {
  const read = async function* (after: number) {
    yield* rows.filter(({ firstPosition, count }) => firstPosition + count - 1 > after);
  };
  const chain = await verify({ read, head: () => Promise.resolve(head) });
  return { shard, rows, batches: rows.map(decodeBatch), head, chain };
}

/** Listed, opened, limited to 1,000,000 in each shard; one order of each kind, a halt and a release. */
export function goodDay(): Story {
  const story = new Story();
  for (const shard of SHARDS) {
    story.write(
      shard,
      id(1),
      { type: 'InstrumentListed', instrument: AAPL },
      { type: 'AccountOpened', account: 'ALICE' as AccountId },
      { type: 'TradingDayStarted', date: '2026-11-23' as TradingDate },
      { type: 'TradingOpened' },
    );
  }
  limit(story, '2000000', '1000000');
  story.approved('left', 1);
  story.write('left', id(2), filled(1, 'x-1', '60'), filled(1, 'x-2', '40'));
  asksAgain(story);
  deniedAndCanceled(story);
  halted(story);
  story.views = viewsOfGoodDay;
  return story;
}

export function limit(story: Story, firm: string, share: string): void {
  const names = ['max_position_size', 'max_daily_volume', 'max_net_exposure', 'max_gross_exposure'];
  const asked = Object.fromEntries(names.map((name) => [name, firm]));
  const correlationId = story.call({ what: 'limits', user: 'risk', limits: asked }, 'ok', { status: 200 });
  for (const shard of SHARDS) story.write(shard, correlationId, { type: 'LimitsSet', limits: limits(share) });
}

/** Order 2: no answer at first, then a duplicate. */
function asksAgain(story: Story): void {
  const correlationId = story.call(ask(2), 'unknown', { code: 'TIMEOUT' });
  story.write('left', correlationId, accepted(orderFor(2, ask(2), correlationId)));
  const duplicate = { status: 409, code: 'CLIENT_ORDER_ID_DUPLICATE', orderId: orderId(2) };
  const again = story.call(ask(2), 'ok', duplicate);
  story.write('left', again, {
    type: 'DuplicateRefused',
    user: 'alice' as UserId,
    clientOrderId: 'c2' as ClientOrderId,
    firstOrderId: orderId(2),
    isConflict: false,
  });
}

/** Order 3 is denied; order 4 rests in the other shard, is found and canceled. */
function deniedAndCanceled(story: Story): void {
  const third = story.call(ask(3), 'ok', { status: 200, word: 'REJECTED', orderId: orderId(3) });
  story.write('right', third, denied(orderFor(3, ask(3), third)));
  story.approved('right', 4);
  story.call({ what: 'look', user: 'alice', orderId: orderId(4) }, 'ok', { status: 200, word: 'EXECUTING' });
  const cancel = story.call({ what: 'cancel', user: 'alice', orderId: orderId(4) }, 'ok', { status: 200 });
  story.write('right', cancel, { type: 'CancelRequested', orderId: orderId(4) });
  story.write('right', id(3), { type: 'OrderCanceled', orderId: orderId(4) });
}

/** Order 5 comes while all is halted. */
function halted(story: Story): void {
  const halt = story.call({ what: 'halt', user: 'risk' }, 'ok', { status: 200 });
  for (const shard of SHARDS) story.write(shard, halt, { type: 'KillSwitchEngaged' });
  const fifth = story.call(ask(5), 'ok', { status: 200, word: 'REJECTED', orderId: orderId(5) });
  story.write('left', fifth, denied(orderFor(5, ask(5), fifth)));
  const release = story.call({ what: 'release', user: 'risk' }, 'ok', { status: 200 });
  for (const shard of SHARDS) story.write(shard, release, { type: 'KillSwitchReleased' });
}

const orderRow = (n: number, status: string, executed = '0') => ({
  order_id: orderId(n),
  user_id: 'alice',
  client_order_id: `c${n}`,
  status,
  quantity: '100',
  executed_quantity: executed,
});
const execution = (execution_id: string, units: string) => ({
  execution_id,
  order_id: orderId(1),
  account: 'ALICE',
  symbol: 'AAPL',
  side: 'BUY',
  quantity: units,
  price: '150.00000000',
});

const viewsOfGoodDay: ViewRows = {
  orders: [
    orderRow(1, 'Filled', '100.00000000'),
    orderRow(2, 'PendingNew'),
    orderRow(3, 'Denied'),
    orderRow(4, 'Canceled'),
    orderRow(5, 'Denied'),
  ],
  executions: [execution('x-1', '60.00000000'), execution('x-2', '40')],
  positions: [
    { shard: 'left', account: 'ALICE', symbol: 'AAPL', quantity: '100.00000000' },
    { shard: 'right', account: 'ALICE', symbol: 'AAPL', quantity: '0' },
  ],
  rebuilt: [{ table: 'orders', rows: 5, equal: true, firstDifference: undefined }],
};
