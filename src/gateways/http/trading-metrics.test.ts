/** The guide's figures follow the journal: orders, executions and refusals, each counted once. */
import { expect, test } from 'vitest';
import { openMetrics } from '../../telemetry/metrics.ts';
import { Client, filled } from './testing/client.ts';
import { openSmallHouse } from './testing/small-house.ts';
import { countOrders } from './trading-metrics.ts';

async function figures(metrics: ReturnType<typeof openMetrics>): Promise<readonly number[]> {
  const { ordersTotal, ordersExecuted, ordersRejected } = metrics;
  const counters = [ordersTotal, ordersExecuted, ordersRejected];
  return Promise.all(counters.map(async (counter) => (await counter.get()).values[0]?.value ?? 0));
}

test('an order is counted when it is answered, when it is filled whole, and when it is refused', async () => {
  const house = await openSmallHouse();
  const client = new Client(house);
  const metrics = openMetrics();
  const stop = countOrders(house.engine, metrics);

  const { order_id: whole } = await client.place();
  expect(await figures(metrics)).toEqual([1, 0, 0]);
  house.report(whole, filled('40', '150.5'));
  expect(await figures(metrics)).toEqual([1, 0, 0]);
  house.report(whole, filled('60', '150.5'));
  expect(await figures(metrics)).toEqual([1, 1, 0]);

  await client.place({ quantity: 100_000 });
  expect(await figures(metrics)).toEqual([2, 1, 1]);
  const { order_id: refused } = await client.place();
  house.report(refused, { kind: 'rejected', why: 'closed' });
  expect(await figures(metrics)).toEqual([3, 1, 2]);
  const { order_id: canceled } = await client.place();
  house.report(canceled, filled('10', '150.5'), { kind: 'canceled' });
  expect(await figures(metrics)).toEqual([4, 1, 2]);

  stop();
  await client.place();
  expect(await figures(metrics)).toEqual([4, 1, 2]);
});

test('a denial is counted at each rule that refused it', async () => {
  const house = await openSmallHouse();
  const client = new Client(house);
  const metrics = openMetrics();
  countOrders(house.engine, metrics);
  await client.place({ quantity: 100_000 });
  await client.place({ symbol: 'NOPE' });
  await client.place({ symbol: 'ALSO' });
  const { values } = await metrics.riskDenials.get();
  expect(values.map(({ labels: { rule }, value }) => [rule, value])).toEqual([
    ['POSITION_LIMIT', 1],
    ['DAILY_VOLUME_LIMIT', 1],
    ['NET_EXPOSURE_LIMIT', 1],
    ['GROSS_EXPOSURE_LIMIT', 1],
    ['UNKNOWN_SYMBOL', 2],
  ]);
});

test('an order from before the start is counted when its last fill comes', async () => {
  const house = await openSmallHouse();
  const { order_id: id } = await new Client(house).place();
  const metrics = openMetrics();
  countOrders(house.engine, metrics);
  await house.engine.read(() => undefined); // what worked before has been looked up
  house.report(id, filled('40', '150.5'));
  await expect.poll(() => figures(metrics)).toEqual([0, 0, 0]);
  house.report(id, filled('60', '150.5'));
  await expect.poll(() => figures(metrics)).toEqual([0, 1, 0]);
});

test('fills that come together count one order, and a fill before a cancel counts none', async () => {
  const house = await openSmallHouse();
  const client = new Client(house);
  const { order_id: filledInTwo } = await client.place();
  const { order_id: canceled } = await client.place();
  const metrics = openMetrics();
  countOrders(house.engine, metrics);
  await house.engine.read(() => undefined); // what worked before has been looked up
  house.report(filledInTwo, filled('40', '150.5'), filled('60', '150.5'));
  house.report(canceled, filled('10', '150.5'), { kind: 'canceled' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await figures(metrics)).toEqual([0, 1, 0]);
});
