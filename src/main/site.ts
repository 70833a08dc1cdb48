/** What every part of the platform is built with: settings, log, clock, figures, and where to say how to stop it. */
import type { ServedCertificate } from '../gateways/http/served-certificate.ts';
import type { Clock } from '../sequencer/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Readiness } from '../telemetry/readiness.ts';
import type { SpanLine } from '../telemetry/span-line.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Config } from './config.ts';

/** How this process records spans, and its threads too. */
export interface Traces {
  readonly tracing: Tracing;
  readonly line: SpanLine;
}

export interface Site {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Undefined: nobody traces. */
  readonly traces?: Traces | undefined;
  /** Whether this process may be given work; each part says what stands in the way. */
  readonly readiness: Readiness;
  /** What the doors speak TLS with; undefined: they speak plain HTTP. */
  readonly certificate?: ServedCertificate | undefined;
  /** How to stop what was started, in the order it was started. */
  readonly undo: (() => unknown)[];
  /** A bug, or another writer: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

/** Stops everything in reverse, each once, also when one of them fails. */
export async function stopAll(undo: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const stop of undo.toReversed()) {
    try {
      await stop();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'unclean stop');
}
