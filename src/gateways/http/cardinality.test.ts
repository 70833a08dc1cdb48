/** However many users, orders, accounts, paths and methods come: the metrics have a bounded number of series, and no name of theirs. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { Dice } from '../../../test/dice.ts';
import type { UserId } from '../../core/values/names.ts';
import { FAULTS } from '../../faults/fault.ts';
import { LABEL_RULES, labelsOf } from '../../telemetry/label-rules.fixture.ts';
import { Client } from './testing/client.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';
import { countOrders } from './trading-metrics.ts';

/** Of one process, whatever is done to it. Routes times methods times buckets make nearly all of them. */
const SERIES_MAX = 3_000;
/** In everything that a caller makes up. */
const MARK = 'zq7';
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'PROPFIND',
  'TRACE',
  'MKCOL',
] as const;
/** Of the runtime: what its heaps, handles and collections are called. */
const OF_PROCESS = ['space', 'type', 'kind', 'version', 'quantile', 'major', 'minor', 'patch'];

const linesOf = async ({ deps }: SmallHouse): Promise<string[]> => {
  const text = await deps.metrics.registry.metrics();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
};

/** One round of callers who want nothing good. */
async function plague(house: SmallHouse, dice: Dice, round: number): Promise<void> {
  const word = (): string => `${MARK}-${round}-${dice.whole(0, 1_000_000)}`;
  const client = new Client(house);
  const trader = house.bearer(
    dice.one(['TRADER', 'RISK_MANAGER', 'COMPLIANCE', 'ADMIN', 'trader2'] as const),
  );
  const authorization = dice.one([trader, `Bearer ${word()}`, word()]);
  const paths = [
    `/${word()}`,
    `/api/v1/orders/${word()}`,
    `/api/v1/${word()}/${word()}`,
    `/api/v1/orders?limit=${word()}`,
    `/docs/static/${word()}`,
    `/api/v1/audit/order/${word()}/trail`,
    `/%zz${word()}`,
    '/metrics',
  ];
  for (const url of paths) {
    const headers = { authorization, 'x-correlation-id': word(), 'user-agent': word(), origin: word() };
    await house.app.inject({ method: dice.one(METHODS) as 'GET', url, headers });
  }
  const words = { strategy: word(), client_order_id: word() };
  await client.place(
    { ...words, quantity: dice.one([1, 1_000_000]) },
    dice.one(['TRADER', 'trader2'] as const),
  );
  await client.place({ ...words, symbol: `Z${dice.whole(0, 10_000)}` });
  if (round % 8 > 0) return; // a password takes its time
  const payload = { username: word(), password: word() };
  await house.app.inject({ method: 'POST', url: '/api/v1/auth/login', payload });
}

test('the series stay under their bound, and twice as many callers add next to none', async () => {
  const house = await openSmallHouse({ hasPasswords: true, secondAccount: 'WEST' });
  countOrders(house.engine, house.deps.metrics);
  for (let n = 0; n < 20; n++) {
    const username = `${MARK}user${n}` as UserId;
    const words = { passwordHash: '', role: 'TRADER', account: `ZQ${n}`, isDemo: true } as const;
    await house.users.add({ username, ...words } as never);
  }
  await house.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = house.app.server.address() as { port: number };
  const dice = new Dice(7);
  for (let round = 0; round < 40; round++) await plague(house, dice, round);
  await rawBytes(port, `${MARK} ${MARK}\r\n\r\n`);
  const early = (await linesOf(house)).length;
  for (let round = 40; round < 80; round++) await plague(house, dice, round);
  const lines = await linesOf(house);
  expect(lines.length).toBeLessThan(SERIES_MAX);
  expect(lines.length - early, 'nearly all that can come has come').toBeLessThan(early / 4);
  expect(lines.length).toBeGreaterThan(300); // or nothing was measured

  const foreign = lines.filter((line) => line.toLowerCase().includes(MARK) || /"Z(Q?)\d+/.test(line));
  expect(foreign).toEqual([]);
  for (const line of lines) {
    const labels = labelsOf(line);
    for (const [name, value] of Object.entries(labels)) {
      const isCode = name !== 'code' || Object.hasOwn(FAULTS, value);
      const isKnown = OF_PROCESS.includes(name) || (isCode && LABEL_RULES[name]?.test(value) === true);
      expect(isKnown, line).toBe(true);
    }
    const { route: url, method } = labels;
    const isRoute =
      url === undefined || url === 'unmatched' || house.app.hasRoute({ method: method as 'GET', url });
    expect(isRoute, line).toBe(true);
  }
  await house.app.close();
});

/** What is no request at all. */
async function rawBytes(port: number, bytes: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  socket.resume().write(bytes);
  await closed;
}
