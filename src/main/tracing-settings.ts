/** The settings of traces: the names and the meanings are OpenTelemetry's, so that what operators know holds here too. */
import { flag, integer, oneOf, rate, type Setting, secret, text } from './settings.ts';

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export const PROTOCOLS = ['http/protobuf', 'http/json'] as const;

export const TRACING_SETTINGS = {
  OTEL_SDK_DISABLED: flag(false, 'No traces, whatever else is said.'),
  OTEL_TRACES_EXPORTER: oneOf(
    ['otlp', 'console', 'none', 'auto'],
    'auto',
    'Where traces go; by default to the OTLP endpoint, where one is set.',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: text(
    undefined,
    'Collector that takes OTLP over HTTP: traces go to its /v1/traces. A password in it is kept out of all that is said.',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text(undefined, 'The whole URL that traces are posted to; wins.'),
  OTEL_EXPORTER_OTLP_HEADERS: secret('Sent along: name=value, separated by commas, percent-encoded.'),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(PROTOCOLS, 'http/protobuf', 'How spans are written.'),
  OTEL_EXPORTER_OTLP_TIMEOUT: integer(
    10_000,
    1,
    600_000,
    'Milliseconds for one request and its repetitions.',
  ),
  OTEL_SERVICE_NAME: text(undefined, 'What traces call this program: itirp by default.'),
  OTEL_RESOURCE_ATTRIBUTES: text(
    undefined,
    'Put on all traces: name=value, separated by commas, percent-encoded.',
  ),
  OTEL_TRACES_SAMPLER: oneOf(
    SAMPLERS,
    'parentbased_always_on',
    'Which traces are kept. They begin here, so that parentbased changes nothing.',
  ),
  OTEL_TRACES_SAMPLER_ARG: rate(1, 1, 'The part that traceidratio keeps, 0 to 1.'),
  OTEL_BSP_SCHEDULE_DELAY: integer(
    5_000,
    1,
    600_000,
    'Milliseconds that a span waits for others to be sent with.',
  ),
  OTEL_BSP_MAX_QUEUE_SIZE: integer(16_384, 1, 1e6, 'Spans on their way to the collector; more are dropped.'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: integer(512, 1, 1e5, 'Spans in one request.'),
  OTEL_BSP_EXPORT_TIMEOUT: integer(30_000, 1, 600_000, 'Milliseconds after which a request is given up.'),
} as const satisfies Record<string, Setting<unknown>>;
