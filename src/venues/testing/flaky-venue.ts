/** A real venue behind a line that fails as it is told to, call by call. */
import type { VenueReport } from '../../core/commands.ts';
import type { OrderId } from '../../core/values/names.ts';
import { Fault } from '../../faults/fault.ts';
import type { Venue, VenueHistory, VenueOrder } from '../venue.ts';

/**
 * `lostThere`: it never arrives; `lostBack`: it is done and the answer is lost; `hangs`: done, and never
 * answered.
 */
export type Fate = 'works' | 'unreachable' | 'lostThere' | 'lostBack' | 'hangs';

export class FlakyVenue implements Venue {
  readonly name: string;
  readonly #venue: Venue;
  /** What becomes of the next calls; those after the last work. */
  readonly fates: { place: Fate[]; cancel: Fate[]; history: Fate[] } = { place: [], cancel: [], history: [] };
  /** Every call so far. */
  readonly calls: string[] = [];
  /** Called as each call is made. */
  onCall: (what: 'place' | 'cancel' | 'history') => void = () => {};

  constructor(venue: Venue) {
    this.#venue = venue;
    this.name = venue.name;
  }

  place(order: VenueOrder, signal: AbortSignal): Promise<readonly VenueReport[]> {
    return this.#call('place', () => this.#venue.place(order, signal));
  }
  cancel(orderId: OrderId, signal: AbortSignal): Promise<readonly VenueReport[]> {
    return this.#call('cancel', () => this.#venue.cancel(orderId, signal));
  }
  history(orderId: OrderId, signal: AbortSignal): Promise<VenueHistory | undefined> {
    return this.#call('history', () => this.#venue.history(orderId, signal));
  }
  mayForget(orderId: OrderId): void {
    this.#venue.mayForget(orderId);
  }
  subscribe(listener: (orderId: OrderId, reports: readonly VenueReport[]) => void): () => void {
    this.say = listener;
    return this.#venue.subscribe(listener);
  }
  /** Says to whoever subscribed last what the real venue would not say. */
  say: (orderId: OrderId, reports: readonly VenueReport[]) => void = () => {};

  async #call<T>(what: 'place' | 'cancel' | 'history', act: () => Promise<T>): Promise<T> {
    this.calls.push(what);
    this.onCall(what);
    const fate = this.fates[what].shift() ?? 'works';
    if (fate === 'unreachable') throw new Fault('VENUE_UNREACHABLE');
    if (fate === 'lostThere') throw new Fault('VENUE_NO_ANSWER');
    const answer = await act();
    if (fate === 'lostBack') throw new Fault('VENUE_NO_ANSWER');
    if (fate === 'hangs') await new Promise(() => {});
    return answer;
  }
}
