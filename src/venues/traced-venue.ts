/** A venue whose calls are traced: the same venue otherwise. It stands between the link and the venue, where any do. */
import { BoundedMap } from '../cache/bounded-map.ts';
import type { VenueReport } from '../core/commands.ts';
import type { OrderId, Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { CommittedBatch } from '../journal/entry.ts';
import type { Engine } from '../sequencer/engine.ts';
import { newSpanId, SPAN } from '../telemetry/trace-ids.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Venue, VenueHistory, VenueOrder } from './venue.ts';

/** Traced orders that are remembered: one that waits behind so many others goes out without a span. */
const REMEMBERED_MAX = 16_384;

/** The trace that an order's next call belongs to. */
interface Errand {
  readonly traceId: string;
  /** Where the facts that it follows from went into the journal. */
  readonly parentId: string;
  /** Calls of it so far. */
  calls: number;
}

export class TracedVenue implements Venue {
  readonly name: string;
  readonly #venue: Venue;
  readonly #tracing: Tracing;
  readonly #shard: string;
  readonly #placing = new BoundedMap<OrderId, Errand>(REMEMBERED_MAX);
  readonly #canceling = new BoundedMap<OrderId, Errand>(REMEMBERED_MAX);

  constructor(venue: Venue, tracing: Tracing, shard: string) {
    this.name = venue.name;
    this.#venue = venue;
    this.#tracing = tracing;
    this.#shard = shard;
  }

  /** To be called before anybody who sends orders hears of them. Returns how to stop. */
  follow(engine: Pick<Engine, 'subscribe'>): () => void {
    return engine.subscribe((batch) => this.#heed(batch));
  }

  place(order: VenueOrder, signal: AbortSignal): Promise<readonly VenueReport[]> {
    const errand = this.#placing.get(order.orderId);
    const ask = () => this.#venue.place(order, signal);
    if (errand === undefined) return ask();
    errand.calls += 1;
    const spanId = errand.calls === 1 ? SPAN.placed(errand.traceId, order.orderId) : newSpanId();
    return this.#traced('place order', errand, order.orderId, spanId, ask);
  }

  cancel(orderId: OrderId, signal: AbortSignal): Promise<readonly VenueReport[]> {
    const errand = this.#canceling.get(orderId);
    const ask = () => this.#venue.cancel(orderId, signal);
    if (errand === undefined) return ask();
    errand.calls += 1;
    return this.#traced('cancel order', errand, orderId, newSpanId(), ask);
  }

  history(orderId: OrderId, signal: AbortSignal): Promise<VenueHistory | undefined> {
    return this.#venue.history(orderId, signal);
  }

  mayForget(orderId: OrderId): void {
    this.#placing.delete(orderId);
    this.#canceling.delete(orderId);
    this.#venue.mayForget(orderId);
  }

  subscribe(listener: (orderId: OrderId, reports: readonly VenueReport[]) => void): () => void {
    return this.#venue.subscribe(listener);
  }

  #heed({ firstPosition, entries }: CommittedBatch): void {
    let position = firstPosition as number;
    for (const { correlationId, events } of entries) {
      const first = position as Position;
      position += events.length;
      for (const event of events) {
        const errands = event.type === 'OrderAccepted' ? this.#placing : this.#canceling;
        if (event.type !== 'OrderAccepted' && event.type !== 'CancelRequested') continue;
        const traceId = this.#tracing.traceOf(correlationId);
        if (traceId === undefined) break;
        const parentId = SPAN.appended(traceId, this.#shard, first);
        const orderId = event.type === 'OrderAccepted' ? event.order.orderId : event.orderId;
        errands.set(orderId, { traceId, parentId, calls: 0 });
      }
    }
  }

  async #traced<T>(
    name: string,
    { traceId, parentId, calls }: Errand,
    orderId: OrderId,
    spanId: string,
    ask: () => Promise<T>,
  ): Promise<T> {
    const beganAt = performance.now();
    const end = (failure?: string): void =>
      this.#tracing.record({
        traceId,
        spanId,
        parentId,
        name,
        kind: 'client',
        beganAt,
        endedAt: performance.now(),
        attributes: {
          'itirp.venue': this.name,
          'itirp.shard': this.#shard,
          'itirp.order_id': orderId,
          'itirp.attempt': calls,
        },
        failure,
      });
    try {
      const answer = await ask();
      end();
      return answer;
    } catch (error) {
      end(error instanceof Fault ? error.code : 'INTERNAL');
      throw error;
    }
  }
}
