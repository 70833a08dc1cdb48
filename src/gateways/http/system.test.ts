/** Health, figures and the word about the system, to the letter of the contract. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Client, filled, TIME } from './testing/client.ts';
import { openSmallHouse, type SmallHouse } from './testing/small-house.ts';

let house: SmallHouse;
let client: Client;
beforeEach(async () => {
  house = await openSmallHouse();
  client = new Client(house);
});

describe('the system', () => {
  test('figures have the contract’s fields', async () => {
    await client.place();
    await client.place({ quantity: 100_000 });
    const { body } = await client.ask('TRADER', 'GET', '/api/v1/metrics');
    expect(body).toMatchObject({
      total_orders: 2,
      total_events: 2,
      order_status_breakdown: { APPROVED: 1, REJECTED: 1 },
      circuit_breaker: { status: 'closed', failures: 0, open_until: null },
      risk_metrics: { total_positions: 0, kill_switch_active: false },
      timestamp: expect.stringMatching(TIME),
    });
  });
  test('health asks each component, and names the one that fails', async () => {
    const healthy = await house.app.inject('/api/v1/health');
    expect(healthy.statusCode).toBe(200);
    expect(healthy.json()).toEqual({
      status: 'healthy',
      timestamp: expect.stringMatching(TIME),
      components: { event_store: 'operational', risk_engine: 'operational', execution_engine: 'operational' },
    });
  });
  test.each([
    [
      'event_store',
      (one: SmallHouse) => {
        one.journal.isDown = true;
      },
    ],
    [
      'event_store',
      (one: SmallHouse) => {
        one.engine.status = 'recovering';
      },
    ],
    [
      'execution_engine',
      (one: SmallHouse) => {
        one.breaker.state = 'open';
      },
    ],
    [
      'execution_engine',
      (one: SmallHouse) => {
        one.engine.state.isOpen = false;
      },
    ],
  ])('a failing %s is a 503 with Retry-After', async (component, breakIt) => {
    breakIt(house);
    const response = await house.app.inject('/api/v1/health');
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
    const { components, code } = response.json();
    expect(code).toBe('NOT_READY');
    for (const [name, verdict] of Object.entries(components)) {
      expect(verdict === 'operational', name).toBe(name !== component);
    }
  });
  test('the root tells a program what this is, and leads a browser to the pages', async () => {
    const { body } = await client.ask('TRADER', 'GET', '/');
    expect(Object.keys(body)).toEqual([
      'system',
      'version',
      'status',
      'documentation',
      'architecture',
      'endpoints',
    ]);
    const browser = await house.app.inject({ url: '/', headers: { accept: 'text/html,*/*' } });
    expect([browser.statusCode, browser.headers.location]).toEqual([302, '/docs']);
    const program = await house.app.inject({
      url: '/',
      headers: { accept: 'application/json, text/html;q=0.1' },
    });
    expect(program.json().system).toContain('ITIRP');
  });
  test('the scraper gets the guide’s names without a token', async () => {
    const { order_id: id } = await client.place();
    house.report(id, filled('100', '150.5'));
    const response = await house.app.inject('/metrics');
    expect(response.headers['content-type']).toContain('text/plain');
    for (const name of [
      'orders_total',
      'orders_executed',
      'orders_rejected',
      'order_latency_seconds_count',
    ]) {
      expect(response.body).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
  });
  test('a scrape asks nothing of the engine', async () => {
    house.engine.read = () => Promise.reject(new Error('the scraper asked the engine'));
    expect((await house.app.inject('/metrics')).statusCode).toBe(200);
  });
});
