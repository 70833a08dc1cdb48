/** The whole platform in one process and a collector beside it: what one order leaves there, and what it costs when it fails. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { Collector } from '../../test/collector.ts';
import { standingMarket } from '../../test/market.ts';
import type { Heard } from '../../test/otlp.ts';
import { type Environment, Folder, Server } from '../../test/server.ts';

let folder: Folder;
let collector: Collector;
let server: Server | undefined;

beforeEach(async () => {
  folder = await Folder.make();
  collector = await Collector.start();
});
afterEach(async () => {
  await server?.end('SIGKILL');
  server = undefined;
  await collector.close();
  await folder.remove();
});

async function start(environment: Environment): Promise<Client> {
  const market = await standingMarket(folder.path, [
    { ticker: 'AAPL', bid: '149.98', ask: '150.00', size: 1_000_000 },
  ]);
  server = await Server.start(['--demo'], {
    ...market,
    DATA_DIR: folder.path,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    ...environment,
  });
  return Client.login(server.url, 'trader1');
}

const CORRELATION = '0192f0aa-1234-7abc-8123-0123456789ab';
const TRACE = CORRELATION.replaceAll('-', '');
const CALLER = { trace: 'a'.repeat(32), span: 'b'.repeat(16) };

async function place({ url, token }: Client, headers: Record<string, string> = {}): Promise<string> {
  const order = { symbol: 'AAPL', side: 'BUY', quantity: 100, price: 150 };
  const response = await fetch(`${url}/api/v1/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(order),
  });
  const body = (await response.json()) as { status: string; order_id: string };
  expect(body.status).toBe('APPROVED');
  return body.order_id;
}

/** Spans by name, and by the command where there are several. */
function named(trace: readonly Heard[], name: string, command?: string): Heard {
  const found = trace.filter(
    (span) => span.name === name && (command === undefined || span.attributes['itirp.command'] === command),
  );
  expect(found, `${name} ${command ?? ''}`).toHaveLength(1);
  return found[0] as Heard;
}

describe.each(['http/json', 'http/protobuf'])('over %s', (protocol) => {
  test('one order is one trace, from the request to the views, and the venue under its append', async () => {
    const trader = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=s%20cret',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    const orderId = await place(trader, {
      'x-correlation-id': CORRELATION,
      traceparent: `00-${CALLER.trace}-${CALLER.span}-01`,
    });
    const whole = () => collector.trace(TRACE).filter(({ name }) => name === 'project facts').length;
    await expect.poll(whole, { timeout: 20_000 }).toBe(2); // of the order, and of what the venue said

    const trace = collector.trace(TRACE);
    const request = named(trace, 'POST /api/v1/orders');
    expect(request).toMatchObject({ parentId: '', kind: 2, isError: false, service: 'itirp' });
    expect(request.links).toEqual([`${CALLER.trace}/${CALLER.span}`]);
    expect(request.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/api/v1/orders',
      'http.response.status_code': 200,
    });
    expect(request.attributes['itirp.access_ms']).toBeGreaterThan(0);
    expect(named(trace, 'decide', 'PlaceOrder').parentId).toBe(request.spanId);
    const [append, reported] = trace.filter(({ name }) => name === 'append journal');
    expect(append?.parentId).toBe(request.spanId);
    expect(append?.attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'db.operation.name': 'INSERT',
    });
    const venue = named(trace, 'place order');
    expect(venue).toMatchObject({ parentId: append?.spanId, kind: 3 });
    expect(venue.attributes).toMatchObject({ 'itirp.order_id': orderId, 'itirp.attempt': 1 });
    expect(named(trace, 'decide', 'ReportFromVenue').parentId).toBe(venue.spanId);
    expect(reported?.parentId).toBe(venue.spanId);
    const projected = trace.filter(({ name }) => name === 'project facts').map(({ parentId }) => parentId);
    expect(new Set(projected)).toEqual(new Set([append?.spanId, reported?.spanId]));
    expect(new Set(trace.map(({ spanId }) => spanId)).size).toBe(trace.length);
    for (const { beganAt, endedAt } of trace) {
      expect(Math.abs(beganAt - Date.now())).toBeLessThan(60_000);
      expect(endedAt).toBeGreaterThanOrEqual(beganAt);
    }
    const [post] = collector.posts;
    expect(post).toMatchObject({ path: '/v1/traces', headers: { 'x-api-key': 's cret' } });
    const said = JSON.stringify(collector.spans);
    for (const secret of ['trader1', 'HOUSE', trader.token]) expect(said).not.toContain(secret);
  });
});

test('what is not sampled leaves no span at all, and everything of what is', async () => {
  const trader = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.5',
  });
  const kept = '0192f0aa-1234-7abc-8123-012300000001';
  const dropped = '0192f0aa-1234-7abc-8123-0123ffffffff';
  await place(trader, { 'x-correlation-id': dropped });
  await place(trader, { 'x-correlation-id': kept });
  const trace = () => collector.trace(kept.replaceAll('-', ''));
  await expect.poll(() => trace().filter(({ name }) => name === 'project facts').length).toBe(2);
  expect(collector.trace(dropped.replaceAll('-', ''))).toEqual([]);
});

test.each(['refusing', 'silent', 'gone'] as const)(
  'a collector that is %s is in no order’s way: spans are dropped and counted, and the stop does not wait for it',
  async (temper) => {
    if (temper === 'gone') await collector.close();
    else collector.temper = temper;
    const trader = await start({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: temper === 'gone' ? 'http://127.0.0.1:1/v1/traces' : collector.url,
      OTEL_BSP_MAX_QUEUE_SIZE: '50',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    });
    for (let n = 0; n < 30; n += 1) await place(trader);
    const dropped = async (): Promise<number> => {
      const text = await (await fetch(`${trader.url}/metrics`)).text();
      return Number(/^trace_spans_dropped_total (\d+)/m.exec(text)?.[1]);
    };
    await expect.poll(dropped, { timeout: 20_000 }).toBeGreaterThan(100);
    expect(collector.spans).toEqual([]);
    await expect
      .poll(() => server?.lines.filter((line) => line.includes('traces are not delivered')).length)
      .toBe(1);
    const begun = performance.now();
    expect(await server?.end('SIGTERM')).toBe(0);
    expect(performance.now() - begun).toBeLessThan(20_000);
    if (temper === 'gone') collector = await Collector.start(); // for the end, which closes one
  },
);

test('what was recorded just before the stop comes to the collector all the same', async () => {
  const trader = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '60000',
  });
  await place(trader, { 'x-correlation-id': CORRELATION });
  expect(collector.spans).toEqual([]);
  expect(await server?.end('SIGTERM')).toBe(0);
  named(collector.trace(TRACE), 'POST /api/v1/orders');
  named(collector.trace(TRACE), 'decide', 'PlaceOrder');
});

test.each<[string, Environment]>([
  ['nothing is set', {}],
  ['OTEL_SDK_DISABLED', { OTEL_EXPORTER_OTLP_ENDPOINT: 'HERE', OTEL_SDK_DISABLED: 'true' }],
  ['OTEL_TRACES_EXPORTER=none', { OTEL_EXPORTER_OTLP_ENDPOINT: 'HERE', OTEL_TRACES_EXPORTER: 'none' }],
])('nobody traces where %s', async (_title, environment) => {
  const here = Object.entries(environment).map(([name, value]) => [
    name,
    value.replace('HERE', collector.url),
  ]);
  const trader = await start(Object.fromEntries(here) as Environment);
  await place(trader, { 'x-correlation-id': CORRELATION });
  expect(await (await fetch(`${trader.url}/metrics`)).text()).toContain('trace_spans_dropped_total 0');
  expect(await server?.end('SIGTERM')).toBe(0);
  expect(collector.posts).toEqual([]);
});
