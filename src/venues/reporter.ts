/**
 * Brings what a venue says to the sequencer, as one command for each word or few, and loses none to a busy
 * moment.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import type { VenueReport } from '../core/commands.ts';
import type { Event } from '../core/events.ts';
import type { State } from '../core/state.ts';
import type { CorrelationId, OrderId, UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Engine } from '../sequencer/engine.ts';
import { LinkClosed } from './link.ts';

/** The first wait while the sequencer is busy and the longest, in milliseconds; doubled in between. */
const BUSY_WAIT_MS = { first: 2, last: 250 };

export class Reporter {
  readonly #engine: Engine;
  readonly #hand: UserId;
  readonly #closing = new AbortController();
  #submitted = 0;
  #busyWaits = 0;

  /** `venueName`: reports are entered as the doing of `venue:NAME`. */
  constructor(engine: Engine, venueName: string) {
    this.#engine = engine;
    this.#hand = `venue:${venueName}` as UserId;
  }

  /** Reports committed so far. */
  get submitted(): number {
    return this.#submitted;
  }
  /** How often so far a report had to wait because the sequencer was busy. */
  get busyWaits(): number {
    return this.#busyWaits;
  }

  /**
   * Submits, again and again while the sequencer is busy, and resolves with the facts that came of it.
   * @throws LinkClosed
   * @throws Fault SEQUENCER_STOPPED or JOURNAL_UNAVAILABLE: perhaps not committed
   */
  async report(
    orderId: OrderId,
    correlationId: CorrelationId | undefined,
    reports: readonly VenueReport[],
  ): Promise<readonly Event[]> {
    const conversation = correlationId ?? (await this.#conversationOf(orderId));
    const { events } = await this.#patiently(() =>
      this.#engine.submit(
        { type: 'ReportFromVenue', orderId, reports },
        { user: this.#hand, origin: this.#hand, correlationId: conversation, reason: undefined },
      ),
    );
    this.#submitted += reports.length;
    return events;
  }

  /** Asks the state, again and again while the sequencer is busy. @throws as {@link report} */
  read<T>(question: (state: State) => T): Promise<T> {
    return this.#patiently(() => this.#engine.read(question));
  }

  /** Ends all waiting with LinkClosed. */
  close(): void {
    this.#closing.abort();
  }

  /**
   * An order that nobody here heard of yet: the state may know it; else what is said of it is a conversation
   * of its own.
   */
  async #conversationOf(orderId: OrderId): Promise<CorrelationId> {
    const known = await this.read((state) => state.orders.get(orderId)?.order.correlationId);
    return known ?? (uuidv7() as CorrelationId);
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    for (let waitMs = BUSY_WAIT_MS.first; ; waitMs = Math.min(waitMs * 2, BUSY_WAIT_MS.last)) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Fault && error.code === 'SEQUENCER_BUSY')) throw error;
      }
      this.#busyWaits += 1;
      try {
        await sleep(waitMs, undefined, { signal: this.#closing.signal });
      } catch {
        throw new LinkClosed();
      }
    }
  }
}
