import { describe, expect, test } from 'vitest';
import { Random } from '../market-data/random.ts';
import { Control } from './control.ts';
import { Flow, type Request } from './flow.ts';
import { Ledger } from './ledger.ts';
import { Market } from './market.ts';
import { type Mix, type OperationKind, USUAL_MIX, USUAL_ORDERS } from './mix.ts';
import { Trader } from './trader.ts';
import type { Answer } from './transport.ts';

const QUOTES = [
  { symbol: 'AAPL', bid: 150.01, ask: 150.03, tick_size: 0.01, lot_size: 1 },
  { symbol: 'EUR/USD', bid: 1.08415, ask: 1.08418, tick_size: 0.00001, lot_size: 1000 },
  { symbol: 'JUNK', bid: 2, ask: 2.5, tick_size: 0.5, lot_size: 10 },
];

class Desk extends Control {
  override async logIn() {
    return { access: 'token', refresh: undefined, expiresInSeconds: 1800 };
  }
}

async function desk(mix: Mix<OperationKind> = USUAL_MIX, names = ['ann', 'bob']) {
  const control = new Desk([]);
  const traders = await Promise.all(names.map((name) => Trader.logIn(control, { name, password: 'x' })));
  const market = new Market();
  market.learn(QUOTES);
  const ledger = new Ledger();
  const flow = new Flow({
    traders,
    market,
    ledger,
    random: Random.fromSeed(5),
    mix,
    orders: USUAL_ORDERS,
    run: 'run',
  });
  return { flow, ledger, traders };
}

const idOf = (number: number): string => `0194a0f0-0000-7000-8000-${String(number).padStart(12, '0')}`;

const approved = ({ number }: Request): Answer => ({
  kind: 'good',
  outcome: '200 APPROVED',
  orderId: idOf(number),
  clientOrderId: undefined,
});

/** What a desk asks where every order is approved at once. */
async function asked(count: number, mix?: Mix<OperationKind>) {
  const { flow, ledger } = await desk(mix);
  const requests: Request[] = [];
  for (let i = 0; i < count; i++) {
    const request = flow.next(flow.draw());
    requests.push(request);
    flow.heard(request, approved(request));
  }
  return { requests, ledger };
}

const placedIn = (requests: readonly Request[]) =>
  requests.flatMap(({ operation, isResting }) =>
    operation.kind === 'place' ? [{ ...operation.order, isResting }] : [],
  );

test('the mix is kept, and traders take turns', async () => {
  const { requests } = await asked(20_000);
  const count = (kind: OperationKind) => requests.filter(({ operation }) => operation.kind === kind).length;
  expect(count('place') / 20_000).toBeCloseTo(0.8, 1);
  expect(count('cancel') / 20_000).toBeCloseTo(0.1, 1);
  expect(requests.filter(({ trader }) => trader.name === 'ann').length).toBe(10_000);
});

test('every order has a name of its own, and what was acknowledged is in the ledger under it', async () => {
  const { requests, ledger } = await asked(3_000);
  const orders = placedIn(requests);
  expect(new Set(orders.map(({ clientOrderId }) => clientOrderId)).size).toBe(orders.length);
  expect([ledger.count, ledger.kept]).toEqual([orders.length, orders.length]);
  expect(orders.map((_, i) => ledger.at(i).number)).toEqual(orders.map((_, i) => i));
  expect(ledger.at(17).orderId).toBe(idOf(17));
});

test('what is canceled are orders of one’s own that rest, each once', async () => {
  const { requests } = await asked(10_000);
  const resting = new Map(
    requests.filter(({ isResting }) => isResting).map(({ number, trader }) => [idOf(number), trader.name]),
  );
  const canceled = requests.flatMap(({ operation, trader }) =>
    operation.kind === 'cancel' ? [{ id: operation.orderId, trader: trader.name }] : [],
  );
  expect(canceled.length).toBeGreaterThan(800);
  expect(new Set(canceled.map(({ id }) => id)).size).toBe(canceled.length);
  for (const { id, trader } of canceled) expect(resting.get(id)).toBe(trader);
  expect(resting.size - canceled.length).toBeLessThan(200); // as many rest as are canceled, about
});

test('as long as there is nothing to cancel or to look at, orders are placed', async () => {
  const { flow } = await desk({ cancel: 1, get: 1 });
  for (let i = 0; i < 50; i++) expect(flow.next(flow.draw()).operation.kind).toBe('place');
});

test('what a desk holds does not grow: buys and sells of a symbol take turns', async () => {
  const { requests } = await asked(6_000, { place: 1 });
  for (const { symbol } of QUOTES) {
    const sides = placedIn(requests).filter((order) => order.symbol === symbol);
    const held = sides.reduce((sum, { side }) => sum + (side === 'BUY' ? 1 : -1), 0);
    expect(Math.abs(held)).toBeLessThanOrEqual(1);
  }
});

describe('prices', () => {
  test('stand on their ticks, trade at once or rest as they are meant to; a market order has none', async () => {
    const { requests } = await asked(5_000);
    const types = new Set<string>();
    for (const { symbol, side, type, price, quantity, isResting } of placedIn(requests)) {
      const quote = QUOTES.find((one) => one.symbol === symbol);
      if (quote === undefined) throw new Error(symbol);
      types.add(type);
      expect(quantity).toBe(String(quote.lot_size));
      if (type === 'MARKET') expect([price, isResting]).toEqual([undefined, false]);
      if (price === undefined) continue;
      const ticks = Number(price) / quote.tick_size;
      expect(Math.abs(ticks - Math.round(ticks))).toBeLessThan(1e-6);
      expect(price).toMatch(/^\d+(\.\d{1,5})?$/);
      const crosses = side === 'BUY' ? Number(price) >= quote.ask : Number(price) <= quote.bid;
      expect(crosses).toBe(!isResting);
    }
    expect(types).toEqual(new Set(['LIMIT', 'MARKET']));
  });
  test('need a market', () => {
    expect(() => new Market().learn([])).toThrow('no instrument has a quote yet');
  });
});

describe('an order that may rest is canceled, or counted:', () => {
  const TIMEOUT: Answer = {
    kind: 'failed',
    outcome: 'TIMEOUT',
    orderId: undefined,
    clientOrderId: undefined,
  };
  const failed = (outcome: string, orderId?: string): Answer => ({ ...TIMEOUT, outcome, orderId });

  /** One resting order that was placed and answered so, and what its trader remembers then. */
  async function rested(answer: (request: Request) => Answer) {
    const { flow, traders, ledger } = await desk({ cancel: 1 }, ['ann']);
    const [trader] = traders;
    if (trader === undefined) throw new Error('nobody trades');
    const request = flow.next('cancel');
    expect([request.operation.kind, request.isResting]).toEqual(['place', true]);
    flow.heard(request, answer(request));
    return { flow, trader, ledger };
  }

  test.each(['503 SEQUENCER_BUSY', '429 RATE_LIMITED', 'TIMEOUT', '202 PENDING'])(
    'its cancel ended in %s: it is canceled again',
    async (outcome) => {
      const { flow, trader } = await rested(approved);
      const cancel = flow.next('cancel');
      expect(trader.resting).toBe(0);
      flow.heard(cancel, failed(outcome));
      expect(flow.next('cancel').operation).toEqual(cancel.operation);
    },
  );
  test.each([
    ['409 ORDER_NOT_WORKING', 'refused'],
    ['404 ORDER_UNKNOWN', 'failed'],
    ['200 PENDING_CANCEL', 'good'],
  ] as const)('its cancel ended in %s: nothing is left to cancel', async (outcome, kind) => {
    const { flow, trader } = await rested(approved);
    flow.heard(flow.next('cancel'), { ...failed(outcome), kind });
    expect(trader.resting).toBe(0);
  });
  test('it is pending: it goes by the id that it was given, and is not acknowledged', async () => {
    const { flow, trader, ledger } = await rested(() => failed('202 PENDING', idOf(7)));
    expect([ledger.count, trader.unheard]).toEqual([0, 0]);
    expect(flow.next('cancel').operation).toEqual({ kind: 'cancel', orderId: idOf(7) });
  });
  test.each([
    ['TIMEOUT', 1],
    ['CONNECTION_CLOSED', 1],
    ['502', 1],
    ['503 JOURNAL_UNAVAILABLE', 1],
    ['503 SEQUENCER_BUSY', 0],
    ['429 RATE_LIMITED', 0],
  ])('%s says nothing of it, or that it is not there: %i', async (outcome, unheard) => {
    const { trader } = await rested(() => failed(outcome));
    expect([trader.resting, trader.unheard]).toEqual([0, unheard]);
  });
  test('no more are made to rest than are remembered', async () => {
    const { flow, traders } = await desk({ place: 1, cancel: 1 }, ['ann']);
    for (let i = 0; i < 1_200; i++) {
      const request = flow.next('place');
      flow.heard(request, approved(request));
    }
    expect([traders[0]?.resting, traders[0]?.forgotten]).toEqual([1_000, 0]);
  });
});

test('orders that were refused, or of which nothing was heard, are in no ledger', async () => {
  const { flow, ledger } = await desk({ place: 1 });
  for (const kind of ['refused', 'failed'] as const) {
    const request = flow.next(flow.draw());
    flow.heard(request, { ...approved(request), kind });
  }
  expect(ledger.count).toBe(0);
});
