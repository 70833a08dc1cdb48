/** The reads on real PostgreSQL: pages, filters, totals, trails, and what they say when there is nothing. */
import { expect, test } from 'vitest';
import type { CorrelationId, OrderId, Ticker, UserId } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import { FollowedArrivals } from './arrivals.ts';
import type { OrderFilter } from './reads.ts';
import { PostgresReads } from './reads-postgres.ts';
import { entries, ViewsFixture } from './testing/views-fixture.ts';

const views = ViewsFixture.install();
const reads = () => new PostgresReads(views().pool, new FollowedArrivals(new Map()));

test('page through all orders, newest first, each once, with the total on every page', async () => {
  await views().tell();
  await views().project();
  const total = await views().count('orders');
  const seen: string[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 100; pages++) {
    const page = await reads().orders({ limit: 50, cursor });
    expect(page.total).toBe(total);
    seen.push(...page.orders.map(({ orderId }) => orderId));
    cursor = page.next;
    if (cursor === undefined) break;
  }
  expect(seen).toEqual([...new Set(seen)].sort().reverse());
  expect(seen).toHaveLength(total);
});

test('filter by user, ticker and status, and count the same', async () => {
  await views().tell();
  await views().project();
  const all = await reads().orders({ limit: 1_000 });
  const filters: Omit<OrderFilter, 'limit'>[] = [
    { user: 'trader1' as UserId },
    { ticker: 'MSFT' as Ticker },
    { statuses: ['Filled', 'Canceled'] },
    {
      user: 'trader2' as UserId,
      ticker: 'AAPL' as Ticker,
      statuses: ['New', 'PartiallyFilled', 'PendingCancel'],
    },
    { statuses: [] },
    { user: 'nobody\0' as UserId },
  ];
  for (const filter of filters) {
    const page = await reads().orders({ ...filter, limit: 1_000 });
    const expected = all.orders.filter(
      (row) =>
        (filter.user === undefined || row.user === filter.user) &&
        (filter.ticker === undefined || row.ticker === filter.ticker) &&
        (filter.statuses === undefined || filter.statuses.includes(row.status)),
    );
    expect(page).toEqual({ orders: expected, total: expected.length, next: undefined });
  }
});

test('give an order, its trail and its conversation as they were told', async () => {
  await views().tell();
  await views().project();
  const { orders } = await reads().orders({ limit: 1_000, statuses: ['Filled'] });
  for (const order of orders.slice(0, 20)) {
    expect(await reads().order(order.orderId)).toEqual(order);
    expect(order.executedQuantity).toBe(order.quantity);
    const trail = await reads().eventsOfOrder(order.orderId);
    const types = trail.map(({ eventType }) => eventType);
    expect(types.slice(0, 3)).toEqual(['ORDER_CREATED', 'RISK_CHECK_STARTED', 'RISK_CHECK_PASSED']);
    expect(types.filter((type) => type === 'EXECUTION_STARTED')).toHaveLength(1);
    expect(types.at(-1)).toBe('EXECUTION_COMPLETED');
    const told = await reads().eventsOfCorrelation(order.correlationId);
    // A cancel that was refused is of the conversation that asked for it.
    expect(told).toEqual(trail.filter(({ eventType }) => eventType !== 'CANCEL_REFUSED'));
  }
  expect(orders.length).toBeGreaterThan(0);
});

test('answer nothing for ids that are none', async () => {
  expect(await reads().order('robert' as OrderId)).toBeUndefined();
  expect(await reads().eventsOfOrder("'; drop table events; --" as OrderId)).toEqual([]);
  expect(await reads().eventsOfCorrelation('\0' as CorrelationId)).toEqual([]);
  await expect(reads().orders({ limit: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'BODY_INVALID' });
});

test('count statuses and events, and tell the newest events last', async () => {
  await views().tell();
  await views().project();
  const counted = await reads().statusCounts();
  const found = await views().pool.query<{ status: string; n: bigint }>(
    'select status, count(*) as n from orders group by 1',
  );
  expect(counted).toEqual(new Map(found.rows.map(({ status, n }) => [status, Number(n)])));
  expect(await reads().eventCount()).toBe(await views().count('events'));
  const newest = await reads().latestEvents(100);
  const ids = newest.map(({ eventId }) => eventId);
  expect(ids).toEqual([...ids].sort());
  expect(newest.at(-1)?.at).toBe(entries.at(-1)?.at);
});

test('name an outage', async () => {
  const nowhere = openPool('postgres://nobody@127.0.0.1:1/none');
  const away = new PostgresReads(nowhere, new FollowedArrivals(new Map()));
  await expect(away.eventCount()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  await nowhere.end();
});
