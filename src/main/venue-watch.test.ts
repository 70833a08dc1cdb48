/** What a venue should not have done is seen: a line in the log each, and a figure. */
import { expect, test } from 'vitest';
import { buy, filled, report } from '../core/testing/story.ts';
import { price } from '../core/values/fixed-point.ts';
import type { UserId } from '../core/values/names.ts';
import { openLog } from '../telemetry/log.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { TrialEngine } from '../venues/testing/trial-engine.ts';
import { noteBeyondBound, watchUnmatched } from './venue-watch.ts';

const order = buy('A', '10', '150');

function room() {
  const lines: string[] = [];
  const log = openLog('info', { write: (line) => void lines.push(line) });
  return { lines, log, metrics: openMetrics(), engine: new TrialEngine() };
}

test('an execution that no position holds is warned of once, and counted by its reason', async () => {
  const { lines, log, metrics, engine } = room();
  const leave = watchUnmatched('SIM', engine, metrics, log);
  const hand = 'venue:SIM' as UserId;
  const by = { user: hand, origin: hand, correlationId: order.correlationId, reason: undefined };
  await engine.submit(report(order, filled('E1', '10', '150'), filled('E2', '5', '150')), by);
  await engine.submit(report(order, filled('E1', '10', '150')), by); // repeated
  leave();
  await engine.submit(report(order, filled('E3', '10', '150')), by);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      level: 'warn',
      correlationId: order.correlationId,
      origin: 'venue:SIM',
      orderId: order.orderId,
      executionId: 'E1',
      report: 'filled 10 at 150',
      why: 'UnknownOrder',
    },
    { executionId: 'E2' },
  ]);
  const text = await metrics.registry.metrics();
  expect(text).toMatch(/^venue_reports_unmatched_total\{venue="SIM",why="UnknownOrder"\} 2$/m);
});

test('a fill beyond the bound is warned of with both prices, and counted', async () => {
  const { lines, log, metrics } = room();
  const {
    executionId,
    quantity,
    price: at,
  } = filled('E1', '10', '151') as Extract<ReturnType<typeof filled>, { kind: 'filled' }>;
  const fill = { type: 'OrderFilled', orderId: order.orderId, executionId, quantity, price: at } as const;
  noteBeyondBound('SIM', metrics, log)({ fill, boundPrice: price('150') });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', venue: 'SIM', executionId: 'E1', quantity: '10', price: '151', boundPrice: '150' },
  ]);
  expect(await metrics.registry.metrics()).toMatch(/^venue_fills_beyond_bound_total\{venue="SIM"\} 1$/m);
});
