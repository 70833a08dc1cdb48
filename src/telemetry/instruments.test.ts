/** The instruments: what the order path feeds costs little and shows what the library's own would. */
import { Counter, Histogram, Registry } from '@prometheus-io/client';
import { expect, test } from 'vitest';
import { AskedGauge } from './asked-gauge.ts';
import { SECONDS } from './buckets.ts';
import { Catalogue, EVERY_ROLE, type Role } from './catalogue.ts';
import { showCertificateExpiry } from './instruments/platform.ts';
import { openMetrics } from './metrics.ts';

const everywhere = () => new Catalogue(new Set(EVERY_ROLE));
const roles = EVERY_ROLE;
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

test('a distribution and a plain counter show to the letter what the library shows of the same observations', async () => {
  const theirs = new Registry();
  const registers = [theirs];
  const words = { name: 'a_seconds', help: 'A', labelNames: ['x', 'y'] as const };
  const histogram = new Histogram({ ...words, buckets: [...SECONDS], registers });
  const counter = new Counter({ ...words, name: 'b_total', registers });
  const ours = everywhere();
  const distribution = ours.distribution({ ...words, roles });
  const plain = ours.plainCounter({ ...words, name: 'b_total', roles });
  const labels = { x: 'a"b\\c', y: 'é' };
  for (const seconds of [0, 0.000_01, 0.000_011, 0.5, 9.999, 10, 10.1, 1e9]) {
    histogram.observe(labels, seconds);
    distribution.labels(labels).observe(seconds);
    counter.inc(labels);
    plain.labels(labels).inc();
  }
  distribution.labels(labels).observe(Number.NaN);
  const sorted = async (registry: Registry) => linesOf(await registry.metrics()).sort();
  const withoutOrder = (line: string) =>
    line.replace(/\{(.*)\}/, (_all, inner: string) => inner.split(',').sort().join());
  expect((await sorted(ours.registry)).map(withoutOrder).sort()).toEqual(
    (await sorted(theirs)).map(withoutOrder).sort(),
  );
});

test('a series that is taken away is not shown, and begins at zero when it comes again', async () => {
  const catalogue = everywhere();
  const plain = catalogue.plainCounter({ name: 'a_total', help: 'A', labelNames: ['shard'], roles });
  const [main, other] = [plain.labels({ shard: 'main' }), plain.labels({ shard: 'other' })];
  main.inc();
  other.inc();
  plain.remove({ shard: 'main' });
  main.inc();
  expect(linesOf(await catalogue.registry.metrics())).toContain('a_total{shard="other"} 1');
  expect(await catalogue.registry.metrics()).not.toContain('main');
  plain.labels({ shard: 'main' }).inc();
  expect(linesOf(await catalogue.registry.metrics())).toContain('a_total{shard="main"} 1');
});

test('an asked gauge shows what is known at the scrape, and nothing of who was let go', async () => {
  const gauge = new AskedGauge('a', 'A', ['part']);
  let value: number | undefined = 1;
  const stop = gauge.ask(() => [{ labels: { part: 'x' }, value }]);
  gauge.ask(() => [{ labels: { part: 'y' }, value: 5 }]);
  const valuesOf = async () => (await gauge.get()).values.map((one) => one.value);
  expect(await valuesOf()).toEqual([1, 5]);
  value = undefined;
  expect(await valuesOf()).toEqual([5]);
  value = 2;
  stop();
  expect(await valuesOf()).toEqual([5]);
});

test('a gauge that nobody has set is no figure', async () => {
  const { registry, netExposure } = openMetrics();
  expect(await registry.metrics()).not.toMatch(/^net_exposure_usd /m);
  netExposure.set(0);
  expect(await registry.metrics()).toMatch(/^net_exposure_usd 0$/m);
});

test('the certificate’s end is shown as its text says, and goes with it', async () => {
  const metrics = openMetrics();
  showCertificateExpiry(metrics, 'Nov 30 05:36:00 2026 GMT');
  expect(await metrics.registry.metrics()).toMatch(/^tls_certificate_expiry_timestamp_seconds 1796016960$/m);
  showCertificateExpiry(metrics, new Date(1_000));
  expect(await metrics.registry.metrics()).toMatch(/^tls_certificate_expiry_timestamp_seconds 1$/m);
  showCertificateExpiry(metrics, 'no date');
  expect(await metrics.registry.metrics()).not.toMatch(/^tls_certificate_expiry_timestamp_seconds /m);
});

test.each<Role>(['api', 'engine', 'projector', 'publisher'])(
  'a %s shows its own instruments and no other',
  async (role) => {
    const { registry, instruments } = openMetrics([role]);
    const text = await registry.metrics();
    for (const { name, roles: whose } of instruments) {
      expect(text.includes(`# TYPE ${name} `), name).toBe(whose.includes(role));
    }
  },
);

test('what measures a time has lines from ten microseconds to ten seconds, finer than threefold', () => {
  const { instruments } = openMetrics();
  const timed = instruments.filter(({ name, type }) => type === 'histogram' && name.endsWith('_seconds'));
  expect(timed.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'http_request_duration_seconds',
      'order_latency_seconds',
      'sequencer_wait_seconds',
      'decide_seconds',
      'journal_append_seconds',
      'bus_send_seconds',
      'bus_answer_seconds',
      'venue_answer_seconds',
    ]),
  );
  for (const { name, buckets = [] } of timed) {
    expect(buckets[0], name).toBeLessThanOrEqual(0.000_01);
    expect(buckets.at(-1), name).toBeGreaterThanOrEqual(10);
    for (const [index, bound] of buckets.entries()) {
      if (index > 0) expect(bound / (buckets[index - 1] ?? 0), name).toBeLessThan(3);
      if (index > 0) expect(bound).toBeGreaterThan(buckets[index - 1] ?? 0);
    }
  }
});

test('every name says its unit or what it counts, and every instrument says what it is', () => {
  const { instruments } = openMetrics();
  const names = instruments.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, help, labels, roles: whose } of instruments) {
    expect(name).toMatch(/^[a-z][a-z0-9_]+$/);
    expect(help.length, name).toBeGreaterThan(10);
    expect(labels.length, name).toBeLessThanOrEqual(3);
    expect(whose.length, name).toBeGreaterThan(0);
  }
});
