/**
 * Spans to an OpenTelemetry collector, with OpenTelemetry's own batching and wire formats. Loading it takes a fifth of a
 * second and writing a span some microseconds, so it runs in a thread of its own (main/tracing-entry.ts).
 */
import { type Attributes, SpanKind as Kind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import type { SpanLink } from './traceparent.ts';
import type { Span, SpanKind } from './tracing.ts';

export interface ExporterSettings {
  /** `console`: to standard output, for people who try it out. */
  readonly to: 'otlp' | 'console';
  readonly protocol: 'http/protobuf' | 'http/json';
  /** Where spans are posted. */
  readonly url: string;
  /** May hold a secret: never log them. */
  readonly headers: Readonly<Record<string, string>>;
  /** One request with its repetitions, in milliseconds. */
  readonly timeoutMs: number;
  readonly batch: {
    readonly afterMs: number;
    readonly spansMax: number;
    readonly queueMax: number;
    readonly timeoutMs: number;
  };
  /** Who we are: `service.name` and the like. */
  readonly resource: Readonly<Record<string, string>>;
  /** Of this program. */
  readonly version: string;
}

/** Hears what became of spans, so many at a time; `failure`: why the collector does not have them. */
export type OnExported = (spans: number, failure: string | undefined) => void;

const KINDS: Readonly<Record<SpanKind, Kind>> = {
  internal: Kind.INTERNAL,
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER,
};

export class OpenTelemetryExporter {
  readonly #processor: BatchSpanProcessor;
  readonly #shared: Pick<ReadableSpan, 'resource' | 'instrumentationScope'>;

  constructor(settings: ExporterSettings, onExported: OnExported) {
    const { batch, resource, version } = settings;
    this.#processor = new BatchSpanProcessor({
      exporter: counted(exporterOf(settings), onExported),
      scheduledDelayMillis: batch.afterMs,
      maxExportBatchSize: batch.spansMax,
      maxQueueSize: batch.queueMax,
      exportTimeoutMillis: batch.timeoutMs,
    });
    this.#shared = {
      resource: resourceFromAttributes(resource),
      instrumentationScope: { name: 'itirp', version },
    };
  }

  /** `spans` in wall time, milliseconds since 1970. No more than `queueMax` may wait: the caller sees to that. */
  take(spans: readonly Span[]): void {
    for (const span of spans) this.#processor.onEnd({ ...readable(span), ...this.#shared });
  }

  /** Resolves when all that was taken is delivered, or given up. */
  async close(): Promise<void> {
    await this.#processor.shutdown().catch(() => {}); // whatever was not delivered is told of one by one
  }
}

function exporterOf({
  to,
  protocol,
  url,
  headers,
  timeoutMs: timeoutMillis,
}: ExporterSettings): SpanExporter {
  if (to === 'console') return new ConsoleSpanExporter();
  const Exporter = protocol === 'http/json' ? JsonExporter : ProtobufExporter;
  return new Exporter({ url, headers: { ...headers }, timeoutMillis });
}

/** The same exporter, whose outcomes are heard. */
const counted = (exporter: SpanExporter, onExported: OnExported): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      onExported(spans.length, result.code === 0 ? undefined : (result.error?.message ?? 'no reason given'));
      done(result);
    }),
  shutdown: () => exporter.shutdown(),
});

type Time = [seconds: number, nanoseconds: number];

function timeOf(ms: number): Time {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - 1000 * seconds) * 1e6)];
}

const contextOf = ({ traceId, spanId }: SpanLink) => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED });

function readable(span: Span): Omit<ReadableSpan, 'resource' | 'instrumentationScope'> {
  const { traceId, parentId, failure, links = [] } = span;
  const context = contextOf(span);
  const attributes: Attributes =
    failure === undefined ? span.attributes : { ...span.attributes, 'error.type': failure };
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => context,
    ...(parentId === undefined ? {} : { parentSpanContext: contextOf({ traceId, spanId: parentId }) }),
    startTime: timeOf(span.beganAt),
    endTime: timeOf(span.endedAt),
    duration: timeOf(span.endedAt - span.beganAt),
    status: { code: failure === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
    attributes,
    links: links.map((link) => ({ context: contextOf(link) })),
    events: [],
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
