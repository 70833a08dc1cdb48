/** Where traces go is asked as the exporter would: with its headers and its user; and what is wrong there is told. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Collector } from '../../../test/collector.ts';
import type { Environment } from '../setting-files.ts';
import { findingsOf, urlWith } from './examined.fixture.ts';

const gradesOf = async (environment: Environment): Promise<readonly string[]> =>
  (await findingsOf('traces', environment)).map(({ grade }) => grade);

let collector: Collector;
beforeEach(async () => {
  collector = await Collector.start();
});
afterEach(() => collector.close());
const saying = (grade: string, says: RegExp) =>
  expect.objectContaining({ grade, says: expect.stringMatching(says) });
const some = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' };

test.each(['http/protobuf', 'http/json'])(
  'are asked for with no span in %s, and told apart',
  async (protocol) => {
    expect(await gradesOf({})).toEqual(['ok']);
    const to = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
    const well = await findingsOf('traces', {
      ...to,
      ...some,
      OTEL_EXPORTER_OTLP_HEADERS: 'token=hush-hush',
    });
    expect(well).toEqual([saying('ok', /^the collector at 127\.0\.0\.1:\d+ takes them$/)]);
    expect(collector.posts).toMatchObject([{ path: '/v1/traces', headers: { token: 'hush-hush' } }]);
    expect(collector.spans).toEqual([]);
    collector.temper = 'refusing';
    expect(await findingsOf('traces', { ...to, ...some })).toEqual([saying('warn', /answers 400$/)]);
  },
);

test('of every order are too many, but for a demonstration', async () => {
  const to = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  expect(await findingsOf('traces', to)).toContainEqual(saying('warn', /^every order is traced/));
  expect(await gradesOf({ ...to, ENVIRONMENT: 'demo' })).toEqual(['ok']);
});

test('whose collector is away are a warning, and so is a secret that goes there in plain text', async () => {
  const away = { ...some, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  const secret = { OTEL_EXPORTER_OTLP_HEADERS: 'token=hush-hush' };
  expect(await findingsOf('traces', { ...away, ...secret })).toEqual([
    saying('warn', /^the collector at 127\.0\.0\.1:1 does not answer: /),
  ]);
  const far = { ...some, ...secret, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid:4318' };
  const findings = await findingsOf('traces', far);
  expect(findings).toContainEqual(saying('warn', /HEADERS goes over a network without TLS$/));
  expect(JSON.stringify(findings)).not.toContain('hush-hush');
});

test('a user and his password in the URL sign in as they do for spans, and are told to nobody', async () => {
  const to = {
    OTEL_EXPORTER_OTLP_ENDPOINT: urlWith(collector.url, { username: 'u@desk', password: 'hush:hush' }),
  };
  expect(await findingsOf('traces', { ...to, ...some })).toEqual([
    saying('ok', /^the collector at 127\.0\.0\.1:\d+ takes them$/),
  ]);
  const header = { OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20hush-hush' };
  await findingsOf('traces', { ...to, ...some, ...header }); // a header wins, as it does for spans
  const login = Buffer.from('u@desk:hush:hush').toString('base64');
  expect(collector.posts.map(({ headers }) => headers.authorization)).toEqual([
    `Basic ${login}`,
    'Bearer hush-hush',
  ]);
  const far = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:hush-hush@collector.invalid:4318' };
  const findings = await findingsOf('traces', { ...far, ...some });
  expect(findings).toContainEqual(saying('warn', /^the password in the collector’s URL .* without TLS$/));
  expect(JSON.stringify(findings)).not.toContain('hush-hush');
});
