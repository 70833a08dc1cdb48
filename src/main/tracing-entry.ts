/** The thread that sends spans to the collector: slow, away or refusing, it is in nobody's way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads';
import { assert } from '../core/values/assert.ts';
import { SpanCounts, type SpanLine } from '../telemetry/span-line.ts';
import type { Span } from '../telemetry/tracing.ts';
import { type ExporterSettings, OpenTelemetryExporter } from '../telemetry/tracing-opentelemetry.ts';

export interface TracingTask {
  readonly line: SpanLine;
  readonly exporter: ExporterSettings;
}

/** `ready`: spans are taken. `undelivered`: some were dropped, and why. */
export type FromTracing =
  | { readonly kind: 'ready' }
  | { readonly kind: 'undelivered'; readonly spans: number; readonly why: string };

const LAST_POST_MS = 20;

const port = parentPort;
assert(port !== null, 'spans are sent from a worker thread');
const say = (message: FromTracing): void => port.postMessage(message);
const { line, exporter: settings } = workerData as TracingTask;
const counts = new SpanCounts(line.counts);
const exporter = new OpenTelemetryExporter(settings, (spans, why) => {
  counts.left(spans, why === undefined);
  if (why !== undefined) say({ kind: 'undelivered', spans, why });
});
const channel = new BroadcastChannel(line.channel);
channel.onmessage = (event) => exporter.take((event as { readonly data: readonly Span[] }).data);

port.once('message', () => void end());
say({ kind: 'ready' });

/** Told to stop: all has been posted, though it comes by another way than the word. */
async function end(): Promise<void> {
  await sleep(LAST_POST_MS);
  channel.onmessage = () => {};
  channel.close();
  await exporter.close();
  port?.close();
}
