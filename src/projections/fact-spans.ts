/** Facts as spans of those who read the journal: each belongs to the trace that it came of, under its append. */
import type { Position } from '../core/values/names.ts';
import type { CommittedBatch, Entry } from '../journal/entry.ts';
import { newSpanId, SPAN } from '../telemetry/trace-ids.ts';
import { traceparentOf } from '../telemetry/traceparent.ts';
import type { Attributes, SpanKind, Tracing } from '../telemetry/tracing.ts';

/** Facts from further back are history that is told again, and nobody's trace is still open, in microseconds. */
const OLD_MICROS = 600_000_000;

/** What the reader does with the facts. */
export interface Reading {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  /** The span is named to others by what they know; undefined: nobody has to name it. */
  readonly idOf?: (traceId: string, shard: string, position: number) => string;
}

/** An entry that is traced, on its way. */
export interface Heeded {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly position: number;
}

export class FactSpans {
  readonly #tracing: Tracing;
  readonly #shard: string;
  readonly #reading: Reading;
  #heeded: Heeded[] = [];
  /** Of the batch that was heeded last. */
  readonly #ofEntry = new Map<Entry, Heeded>();

  constructor(tracing: Tracing, shard: string, reading: Reading) {
    this.#tracing = tracing;
    this.#shard = shard;
    this.#reading = reading;
  }

  /** Takes note of what is traced among the facts of `batch` that lie after `after`. */
  heed({ firstPosition, entries }: CommittedBatch, after: Position): void {
    this.#ofEntry.clear();
    const oldest = Date.now() * 1000 - OLD_MICROS;
    let position = firstPosition as number;
    for (const entry of entries) {
      const first = position;
      position += entry.events.length;
      if (position - 1 <= after || entry.at < oldest) continue;
      const traceId = this.#tracing.traceOf(entry.correlationId);
      if (traceId === undefined) continue;
      const spanId = this.#reading.idOf?.(traceId, this.#shard, first) ?? newSpanId();
      const parentId = SPAN.appended(traceId, this.#shard, first);
      const heeded = { traceId, spanId, parentId, position: first };
      this.#heeded.push(heeded);
      this.#ofEntry.set(entry, heeded);
    }
  }

  /** For whoever hears of a fact of the batch that was heeded last; undefined: it is not traced. */
  traceparentOf(entry: Entry): string | undefined {
    const heeded = this.#ofEntry.get(entry);
    return heeded === undefined ? undefined : traceparentOf(heeded.traceId, heeded.spanId);
  }

  /** What was heeded since the last cut. */
  cut(): readonly Heeded[] {
    const heeded = this.#heeded;
    this.#heeded = [];
    return heeded;
  }

  /** It is done for all of `heeded`; it was begun at `beganAt`, on the steady clock. */
  done(heeded: readonly Heeded[], beganAt: number): void {
    const endedAt = performance.now();
    const { name, kind, attributes } = this.#reading;
    for (const { traceId, spanId, parentId, position } of heeded) {
      const where = { 'itirp.shard': this.#shard, 'itirp.journal.position': position };
      const together = { 'itirp.batch.traced': heeded.length };
      this.#tracing.record({
        traceId,
        spanId,
        parentId,
        name,
        kind,
        beganAt,
        endedAt,
        attributes: { ...attributes, ...where, ...together },
      });
    }
  }
}
