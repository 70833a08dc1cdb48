/** Which OTEL_ settings mean what. */
import { expect, test } from 'vitest';
import { loadConfig } from './load-config.ts';
import { pairsOf } from './pairs.ts';
import { destinationOf, ratioOf } from './tracing.ts';

const configOf = (environment: Record<string, string>) => loadConfig(environment, true);

test.each<[string, Record<string, string>, ReturnType<typeof destinationOf>]>([
  ['nothing is set', {}, undefined],
  [
    'the endpoint of all signals is set',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' },
    { to: 'otlp', url: 'http://collector:4318/v1/traces' },
  ],
  [
    'the endpoint of all signals has a path',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector/otel' },
    { to: 'otlp', url: 'https://collector/otel/v1/traces' },
  ],
  [
    'the endpoint of traces is set: it is taken as it is, and wins',
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other/in',
    },
    { to: 'otlp', url: 'http://other/in' },
  ],
  [
    'otlp is asked for',
    { OTEL_TRACES_EXPORTER: 'otlp' },
    { to: 'otlp', url: 'http://localhost:4318/v1/traces' },
  ],
  [
    'the console is asked for',
    { OTEL_TRACES_EXPORTER: 'console' },
    { to: 'console', url: 'http://localhost:4318/v1/traces' },
  ],
  ['none is asked for', { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' }, undefined],
  ['all is switched off', { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' }, undefined],
])('where %s, traces go where they should', (_title, environment, destination) => {
  expect(destinationOf(configOf(environment))).toEqual(destination);
});

test.each([
  [{}, 1],
  [{ OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_SAMPLER_ARG: '0.1' }, 1],
  [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 0],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }, 0.1],
  [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, 0],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, 1],
])('%o keeps %d of the traces', (environment, ratio) => {
  expect(ratioOf(configOf(environment as Record<string, string>))).toBe(ratio);
});

test('pairs are read as OpenTelemetry writes them, and what is none is passed over', () => {
  expect(pairsOf('a=1, b = two%20words ,=x,c,d=e=f,g=100%')).toEqual({
    a: '1',
    b: 'two words',
    d: 'e=f',
    g: '100%',
  });
  expect(pairsOf()).toEqual({});
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    'an endpoint',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    /OTEL_EXPORTER_OTLP_ENDPOINT is no http/,
  ],
  ['a protocol', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /OTEL_EXPORTER_OTLP_PROTOCOL is not one of/],
  ['a sampler', { OTEL_TRACES_SAMPLER: 'jaeger_remote' }, /OTEL_TRACES_SAMPLER is not one of/],
  ['a ratio', { OTEL_TRACES_SAMPLER_ARG: '2' }, /OTEL_TRACES_SAMPLER_ARG is not a number/],
])('%s that we cannot do stops the start with a clear word', (_title, environment, words) => {
  expect(() => configOf(environment)).toThrow(words);
});
