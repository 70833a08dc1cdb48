/** The day of reckoning: what traders were promised, held against every place where the server keeps it. */
import pg from 'pg';
import { expect } from 'vitest';
import { parseFixed } from '../src/core/values/fixed-point.ts';
import { EXACT_TYPES } from '../src/database/pool.ts';
import type { Body, Client } from './client.ts';
import { type Environment, itirp } from './server.ts';
import type { Sent, Traffic } from './traffic.ts';

export interface Reckoning {
  readonly traffic: Traffic;
  /** Sees every order. */
  readonly admin: Client;
  readonly databaseUrl: string;
  /** How the operator's commands find the database. */
  readonly environment: Environment;
}

/** Holds everything against everything. */
export async function reckon({ traffic, admin, databaseUrl, environment }: Reckoning): Promise<void> {
  expect(traffic.surprises).toEqual([]);
  expect(traffic.acknowledged).toHaveLength(traffic.history.length);
  await ordersAreThereOnce(traffic, admin);
  await executionsAddUp(admin, databaseUrl);
  for (const command of ['verify', 'rebuild']) {
    const { code, output } = await itirp([command], environment);
    if (code !== 0) throw new Error(`${command} found something wrong:\n${output}`);
  }
}

/** By its id, and by the trader's own id for it; and nothing is there that nobody sent. */
async function ordersAreThereOnce(traffic: Traffic, admin: Client): Promise<void> {
  const details = await admin.orders();
  const times = countOf(details.map(({ order_id }) => order_id));
  expect([...times.values()].filter((n) => n !== 1)).toEqual([]);
  const lost = traffic.acknowledged.filter((sent) => times.get(sent.acknowledged?.orderId ?? '') !== 1);
  expect(lost).toEqual([]);
}

interface OrderRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly client_order_id: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly status: string;
  readonly quantity: string;
  readonly executed_quantity: string;
}
interface ExecutionRow {
  readonly execution_id: string;
  readonly order_id: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly quantity: string;
}

const exact = (decimal: string): bigint => {
  const value = parseFixed(decimal);
  if (typeof value !== 'bigint') throw new TypeError(`${decimal} is no decimal`);
  return value;
};

/** What SQL says of orders, executions and positions fits together, and is what HTTP says. */
async function executionsAddUp(admin: Client, url: string): Promise<void> {
  const { orders, executions } = await booksIn(url);
  const ids = countOf(executions.map(({ execution_id }) => execution_id));
  expect([...ids].filter(([, n]) => n !== 1)).toEqual([]);
  const executed = new Map<string, bigint>();
  const held = new Map<string, bigint>();
  for (const { order_id, symbol, side, quantity } of executions) {
    const units = exact(quantity);
    executed.set(order_id, (executed.get(order_id) ?? 0n) + units);
    held.set(symbol, (held.get(symbol) ?? 0n) + (side === 'BUY' ? units : -units));
  }
  for (const order of orders) {
    expect(exact(order.executed_quantity), order.order_id).toBe(executed.get(order.order_id) ?? 0n);
    expect(exact(order.executed_quantity)).toBeLessThanOrEqual(exact(order.quantity));
  }
  const { positions } = await admin.get('/api/v1/risk/positions');
  const shown = (positions as Body[]).map(({ symbol, quantity }) => [symbol, exact(String(quantity))]);
  const folded = [...held].filter(([, units]) => units !== 0n);
  expect(new Map(shown as [string, bigint][])).toEqual(new Map(folded));
}

/** Orders that passed risk: each trader's id belongs to one of them, the one that was acknowledged. */
export async function clientIdsAreUsedOnce(traffic: Traffic, url: string): Promise<void> {
  const { orders } = await booksIn(url);
  const keyOf = (user: string, id: string): string => `${user} ${id}`;
  const accepted = orders.filter(({ status }) => status !== 'Denied');
  const byKey = new Map(accepted.map((row) => [keyOf(row.user_id, row.client_order_id), row]));
  expect(byKey.size).toBe(accepted.length); // none twice
  const wrong = traffic.acknowledged.filter((sent: Sent) => {
    const row = byKey.get(keyOf(sent.user, sent.clientOrderId));
    const isAccepted = sent.acknowledged?.status === 'APPROVED';
    return isAccepted ? row?.order_id !== sent.acknowledged?.orderId : row !== undefined;
  });
  expect(wrong).toEqual([]);
  const sent = new Set(traffic.history.map(({ user, clientOrderId }) => keyOf(user, clientOrderId)));
  expect([...byKey.keys()].filter((key) => !sent.has(key))).toEqual([]);
}

/**
 * At a mark that stood still, nothing that is used and reserved is over a limit: position, net and gross exposure, at
 * the worse end of every instrument.
 */
export async function limitsHold(
  admin: Client,
  url: string,
  marks: Readonly<Record<string, string>>,
): Promise<void> {
  const { orders, executions } = await booksIn(url);
  const limits = await admin.get('/api/v1/risk/limits');
  const limitOf = (name: string): bigint => exact(String(limits[name])) * 10n ** 8n;
  let [upmost, downmost, gross] = [0n, 0n, 0n];
  for (const [symbol, text] of Object.entries(marks)) {
    const mark = exact(text);
    const signed = (side: string, units: bigint): bigint => (side === 'BUY' ? units : -units);
    const held = executions
      .filter((row) => row.symbol === symbol)
      .reduce((sum, { side, quantity }) => sum + signed(side, exact(quantity)), 0n);
    const works = ['PendingNew', 'New', 'PartiallyFilled', 'PendingCancel'];
    const open = orders.filter((row) => row.symbol === symbol && works.includes(row.status));
    const left = (side: string): bigint =>
      open
        .filter((row) => row.side === side)
        .reduce((sum, row) => sum + exact(row.quantity) - exact(row.executed_quantity), 0n);
    const longest = mark * (held + left('BUY'));
    const shortest = mark * (held - left('SELL'));
    expect(longest).toBeLessThanOrEqual(limitOf('max_position_size'));
    expect(-shortest).toBeLessThanOrEqual(limitOf('max_position_size'));
    upmost += longest;
    downmost += shortest;
    gross += longest > -shortest ? longest : -shortest;
  }
  expect(upmost).toBeLessThanOrEqual(limitOf('max_net_exposure'));
  expect(-downmost).toBeLessThanOrEqual(limitOf('max_net_exposure'));
  expect(gross).toBeLessThanOrEqual(limitOf('max_gross_exposure'));
  const metrics = await admin.get('/api/v1/risk/metrics');
  expect(metrics.daily_volume).toBeLessThanOrEqual(Number(limits.max_daily_volume));
}

/** Resolves when no order works that could still be filled or canceled by itself: the venue has spoken of each. */
export async function venueHasSpoken(admin: Client): Promise<void> {
  const unsettled = async (): Promise<readonly unknown[]> =>
    (await admin.orders()).filter(({ status }) => status === 'APPROVED' || status === 'PENDING_CANCEL');
  await expect.poll(unsettled, { timeout: 90_000, interval: 100 }).toEqual([]);
}

async function booksIn(url: string) {
  const client = new pg.Client({ connectionString: url, types: EXACT_TYPES });
  await client.connect();
  try {
    const orders = await client.query<OrderRow>('select * from orders');
    const executions = await client.query<ExecutionRow>('select * from executions');
    return { orders: orders.rows, executions: executions.rows };
  } finally {
    await client.end();
  }
}

function countOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
