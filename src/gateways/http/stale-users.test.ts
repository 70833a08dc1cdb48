/** A node that has not seen the users for too long: what stops something goes on, the rest waits for them. */
import { beforeEach, expect, test } from 'vitest';
import { Fault } from '../../faults/fault.ts';
import { Client, ORDER, type Who } from './testing/client.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';

let nowMs: number;
let house: SmallHouse;
let client: Client;
let orderId: string;
let version: () => Promise<string>;
beforeEach(async () => {
  nowMs = 0;
  house = await openSmallHouse({ hasPasswords: true, usersNow: () => nowMs });
  client = new Client(house);
  orderId = (await client.place()).order_id;
  version = house.users.version;
  house.users.version = () => Promise.reject(new Fault('DATABASE_UNAVAILABLE'));
  nowMs = 60_001;
});

const halt = '/api/v1/risk/kill-switch?enabled=true';
const release = '/api/v1/risk/kill-switch?enabled=false';

test.each<readonly [Who, 'GET' | 'POST' | 'PUT', string, object | undefined]>([
  ['TRADER', 'POST', '/api/v1/orders', ORDER],
  ['TRADER', 'GET', '/api/v1/orders', undefined],
  ['RISK_MANAGER', 'PUT', '/api/v1/risk/limits', { kill_switch_enabled: false }],
  ['RISK_MANAGER', 'POST', release, undefined],
  ['COMPLIANCE', 'GET', '/api/v1/audit/events', undefined],
])('%s may not %s %s', async (who, method, url, body) => {
  const before = house.engine.submitted.length;
  const refused = await client.ask(who, method, url, body);
  expect([refused.status, refused.body.code]).toEqual([503, 'USERS_STALE']);
  expect(house.engine.submitted.length).toBe(before);
});

test('nobody logs in whom the node would not know', async () => {
  const logIn = () =>
    client.ask('TRADER', 'POST', '/api/v1/auth/login', { username: 'trader1', password: 'trader123' });
  expect((await logIn()).body.code).toBe('DATABASE_UNAVAILABLE');
  house.users.version = version;
  expect((await logIn()).status).toBe(200);
  expect(await client.place()).toMatchObject({ status: 'APPROVED' });
});

test('who may not do a thing at all is told so first', async () => {
  const { body } = await client.ask('COMPLIANCE', 'POST', release);
  expect(body.code).toBe('PERMISSION_DENIED');
});

test('cancels, halts, logouts and the question for health go on', async () => {
  expect((await client.ask('TRADER', 'GET', '/api/v1/health')).status).toBe(200);
  expect((await client.ask('TRADER', 'DELETE', `/api/v1/orders/${orderId}`)).status).toBe(200);
  expect((await client.ask('COMPLIANCE', 'POST', halt)).body.kill_switch_enabled).toBe(true);
  expect((await client.ask('TRADER', 'POST', '/api/v1/auth/logout')).status).toBeLessThan(300);
});

test('all is well again once the users could be read', async () => {
  house.users.version = version;
  await house.directory.refresh();
  expect(await client.place()).toMatchObject({ status: 'APPROVED' });
});
