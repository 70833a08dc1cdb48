/** Whether this process tells traces, and how: the standard OTEL_ settings, and the thread that sends spans away. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { SpanCounts, type SpanLine, SpanSender } from '../telemetry/span-line.ts';
import type { ExporterSettings } from '../telemetry/tracing-opentelemetry.ts';
import type { Config } from './config.ts';
import { pairsOf } from './pairs.ts';
import { nodeName } from './services.ts';
import type { Traces } from './site.ts';
import type { FromTracing, TracingTask } from './tracing-entry.ts';
import { VERSION } from './version.ts';

const DEFAULT_ENDPOINT = 'http://localhost:4318';
/** At the end: what the collector has not taken by then is lost, in milliseconds. */
const FLUSH_MS = 3_000;
/** Between two warnings that nothing gets through, in milliseconds. */
const WARN_MS = 60_000;
const COUNT_MS = 1_000;

let opened = 0;

/** Where spans go; undefined: nowhere, and nobody records any. */
export function destinationOf(config: Config): Pick<ExporterSettings, 'to' | 'url'> | undefined {
  const { OTEL_TRACES_EXPORTER: to, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole } = config;
  const base = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (config.OTEL_SDK_DISABLED || to === 'none') return undefined;
  if (to === 'auto' && whole === undefined && base === undefined) return undefined;
  const url = whole ?? `${(base ?? DEFAULT_ENDPOINT).replace(/\/$/, '')}/v1/traces`;
  return { to: to === 'console' ? 'console' : 'otlp', url };
}

/** The part of all traces that is kept. */
export function ratioOf({
  OTEL_TRACES_SAMPLER: sampler,
  OTEL_TRACES_SAMPLER_ARG: ratio,
}: Pick<Config, 'OTEL_TRACES_SAMPLER' | 'OTEL_TRACES_SAMPLER_ARG'>): number {
  if (sampler.endsWith('always_off')) return 0;
  return sampler.endsWith('always_on') ? 1 : ratio;
}

function exporterOf(config: Config, destination: Pick<ExporterSettings, 'to' | 'url'>): ExporterSettings {
  return {
    ...destination,
    protocol: config.OTEL_EXPORTER_OTLP_PROTOCOL,
    headers: pairsOf(config.OTEL_EXPORTER_OTLP_HEADERS),
    timeoutMs: config.OTEL_EXPORTER_OTLP_TIMEOUT,
    batch: {
      afterMs: config.OTEL_BSP_SCHEDULE_DELAY,
      spansMax: config.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
      queueMax: config.OTEL_BSP_MAX_QUEUE_SIZE,
      timeoutMs: config.OTEL_BSP_EXPORT_TIMEOUT,
    },
    resource: {
      'service.name': 'itirp',
      'service.version': VERSION,
      'service.instance.id': nodeName(config),
      ...pairsOf(config.OTEL_RESOURCE_ATTRIBUTES),
      ...(config.OTEL_SERVICE_NAME === undefined ? {} : { 'service.name': config.OTEL_SERVICE_NAME }),
    },
    version: VERSION,
  };
}

interface TracingSite {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'traceSpansDropped'>;
  readonly undo: (() => unknown)[];
}

/** Undefined where nobody wants traces, or where they cannot be sent: orders need none. Open it first, to be closed last. */
export async function tracesFor({ config, log, metrics, undo }: TracingSite): Promise<Traces | undefined> {
  const destination = destinationOf(config);
  if (destination === undefined) return undefined;
  opened += 1;
  const line: SpanLine = {
    channel: `itirp spans ${opened}`,
    ratio: ratioOf(config),
    queueMax: config.OTEL_BSP_MAX_QUEUE_SIZE,
    counts: SpanCounts.fresh(),
  };
  const sending = new Sending({ line, exporter: exporterOf(config, destination) }, log);
  if (!(await sending.isReady)) return undefined;
  undo.push(countDropped(new SpanCounts(line.counts), metrics.traceSpansDropped));
  const tracing = new SpanSender(line);
  undo.push(async () => {
    tracing.close();
    await sending.end();
  });
  log.info({ to: destination.to, ratio: line.ratio }, 'traces are told');
  return { tracing, line };
}

/** Shows what all threads dropped. Returns how to stop. */
function countDropped(counts: SpanCounts, shown: Metrics['traceSpansDropped']): () => void {
  let told = 0;
  const telling = setInterval(() => {
    shown.inc(counts.dropped - told);
    told = counts.dropped;
  }, COUNT_MS).unref();
  return () => clearInterval(telling);
}

/** The thread that sends spans away. */
class Sending {
  /** Once it takes spans: what is posted before that is lost. False: it never will. */
  readonly isReady: Promise<boolean>;
  readonly #worker: Worker;
  readonly #gone: Promise<unknown>;
  readonly #log: Log;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(task: TracingTask, log: Log) {
    const entry = new URL('./tracing-entry.ts', import.meta.url);
    const worker = new Worker(entry, { workerData: task, name: 'traces' });
    this.#worker = worker;
    this.#log = log;
    const ready = new Promise<boolean>((resolve) => {
      worker.on('message', (message: FromTracing) => {
        if (message.kind === 'ready') resolve(true);
        else this.#warn(message);
      });
    });
    worker.on('error', (error) => log.error({ err: error }, 'traces have ended; orders go on'));
    this.#gone = once(worker, 'exit').catch(() => {}); // of an error the line above has told
    this.isReady = Promise.race([ready, this.#gone.then(() => false)]).finally(() => worker.unref());
  }

  /** Has it send what it has; not for ever. */
  async end(): Promise<void> {
    this.#worker.ref();
    this.#worker.postMessage('stop');
    const enough = new AbortController();
    const late = sleep(FLUSH_MS, undefined, { signal: enough.signal }).catch(() => {});
    await Promise.race([this.#gone, late]);
    enough.abort();
    await this.#worker.terminate();
  }

  /** Now and then: who reads the log need not read it of each request. */
  #warn({ spans, why }: Extract<FromTracing, { kind: 'undelivered' }>): void {
    const now = performance.now();
    if (now - this.#warnedAt < WARN_MS) return;
    this.#warnedAt = now;
    this.#log.warn({ spans, err: why }, 'traces are not delivered; orders go on');
  }
}
