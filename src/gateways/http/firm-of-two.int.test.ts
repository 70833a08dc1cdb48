/** Two API nodes over one PostgreSQL and one Redis: what a user did at one they read at the other, come what may to Redis. */
import type pg from 'pg';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { RedisServer } from '../../../test/redis.ts';
import { freshSchema } from '../../../test/schema.ts';
import { RedisCache } from '../../cache/cache-redis.ts';
import { RedisChannels } from '../../cache/channels-redis.ts';
import { RedisConnection } from '../../cache/redis.ts';
import { price, quantity } from '../../core/values/fixed-point.ts';
import type { ExecutionId } from '../../core/values/names.ts';
import { openPool } from '../../database/pool.ts';
import { PostgresFirmStore } from '../../firm/firm-store-postgres.ts';
import { RedisWritten } from '../../firm/written-redis.ts';
import { PostgresJournal } from '../../journal/postgres.ts';
import { PostgresArrivals } from '../../projections/arrivals-postgres.ts';
import { Projector } from '../../projections/projector.ts';
import { PostgresReads } from '../../projections/reads-postgres.ts';
import { by } from '../../sequencer/stage.fixture.ts';
import type { Client } from './testing/client.ts';
import { type FirmOfTwo, openFirmOfTwo, SHARDS } from './testing/firm-of-two.ts';

let redis: RedisServer;
let pool: pg.Pool;
let firm: FirmOfTwo<PostgresReads>;
let one: Client;
let other: Client;
const undo: (() => unknown)[] = [];

/** One for each test: a journal takes nothing back. */
const schemas: string[] = [];
beforeAll(async () => {
  for (let test = 0; test < 3; test++) schemas.push(await freshSchema());
});
beforeEach(async () => {
  redis = await RedisServer.start();
  const url = schemas.pop() ?? '';
  pool = openPool(url, { connectionsMax: 8 });
  firm = await openFirmOfTwo({
    journal: (shard) => new PostgresJournal({ url, pool: () => pool }, shard),
    store: new PostgresFirmStore(pool),
    line,
    readsOf: () => new PostgresReads(pool, new PostgresArrivals(pool)),
  });
  for (const shard of SHARDS) project(url, shard);
  one = await firm.node();
  other = await firm.node();
});
afterEach(async () => {
  await firm.close();
  for (const stop of undo.splice(0).reverse()) await stop();
  await pool.end();
  await redis.remove();
});

async function line() {
  const connection = await RedisConnection.open({ url: redis.url, commandMs: 10_000 }); // not a matter of this test
  const channels = await RedisChannels.open(connection);
  undo.push(
    () => connection.close(),
    () => channels.close(),
  );
  return { cache: new RedisCache(connection), channels, written: new RedisWritten(connection) };
}

function project(url: string, shard: string): void {
  const journal = new PostgresJournal({ url, pool: () => pool }, shard);
  const projector = new Projector({ pool, source: { shard, journal }, manners: { pollMs: 20, paceMs: 0 } });
  const run = projector.run();
  undo.push(async () => {
    await projector.stop();
    await run;
  });
}

const quantityHeld = async (client: Client, who: 'TRADER' | 'RISK_MANAGER'): Promise<number> =>
  (await client.ask(who, 'GET', '/api/v1/risk/positions')).body.positions[0]?.quantity ?? 0;

/** Places and has it filled; the next answer to the same user tells that it is there. */
async function buy(units: number): Promise<void> {
  const { order_id: orderId } = await one.place({ quantity: units });
  const fill = {
    kind: 'filled',
    executionId: `X-${orderId}` as ExecutionId,
    quantity: quantity(String(units)),
    price: price('150.5'),
  } as const;
  await firm.engines.get('east')?.submit({ type: 'ReportFromVenue', orderId, reports: [fill] }, by);
  await one.place({ quantity: 1 });
}

test('orders, lists, trails, positions and limits of one node are read at the other at once', async () => {
  for (let round = 1; round <= 5; round++) {
    const { order_id: id } = await one.place({ quantity: round });
    expect((await other.ask('TRADER', 'GET', `/api/v1/orders/${id}`)).body.quantity).toBe(round);
    expect((await other.ask('TRADER', 'GET', '/api/v1/orders')).body.total).toBe(round);
    expect((await other.ask('COMPLIANCE', 'GET', `/api/v1/audit/order/${id}/trail`)).status).toBe(200);
  }
  await one.ask('RISK_MANAGER', 'PUT', '/api/v1/risk/limits', { max_net_exposure: 123_456.5 });
  const limits = await other.ask('RISK_MANAGER', 'GET', '/api/v1/risk/limits');
  expect(limits.body).toMatchObject({
    max_net_exposure: 123_456.5,
    shards: [{ shard: 'east' }, { shard: 'west' }],
  }); // prettier-ignore
  await buy(7);
  expect(await quantityHeld(other, 'TRADER')).toBe(7);
});

test('with Redis gone, flushed, or replaced by an old copy, no reader sees less than they were answered', async () => {
  await buy(3);
  expect(await quantityHeld(other, 'TRADER')).toBe(3);
  const old = String(await redis.command('GET', 'itirp:view:east'));
  await redis.kill();
  await buy(4);
  expect(await quantityHeld(other, 'TRADER')).toBe(7);
  expect(await quantityHeld(one, 'TRADER')).toBe(7);
  await redis.restart();
  await buy(5);
  expect(await quantityHeld(other, 'TRADER')).toBe(12);
  await redis.command('FLUSHALL');
  expect(await quantityHeld(await firm.node(), 'TRADER')).toBe(12);
  await redis.command('SET', 'itirp:view:east', old);
  expect(await quantityHeld(await firm.node(), 'TRADER')).toBe(12);
});

test('an order is placed, canceled and found while Redis is away', async () => {
  await redis.kill();
  const { order_id: id, status } = await one.place();
  expect(status).toBe('APPROVED');
  expect((await other.ask('TRADER', 'GET', `/api/v1/orders/${id}`)).body.status).toBe('APPROVED');
  expect((await other.ask('TRADER', 'DELETE', `/api/v1/orders/${id}`)).status).toBe(200);
  expect((await one.ask('TRADER', 'GET', `/api/v1/orders/${id}`)).body.status).toBe('PENDING_CANCEL');
});
