/** The way out: takes committed orders and cancels to the venue, and brings back what it says of them. */
import type { VenueReport } from '../core/commands.ts';
import type { State } from '../core/state.ts';
import type { OrderId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { CommittedBatch, Entry } from '../journal/entry.ts';
import type { Engine } from '../sequencer/engine.ts';
import { Farewell } from './farewell.ts';
import { KillSwitch } from './kill-switch.ts';
import { type Errand, Lane, type Settlement } from './lane.ts';
import { LinkClosed, type VenueLink } from './link.ts';
import { Reporter } from './reporter.ts';
import { Starter } from './starter.ts';
import { type FillBeyondBound, Teller } from './teller.ts';
import type { Venue, VenueOrder } from './venue.ts';

export interface RouterOptions {
  readonly engine: Engine;
  readonly venue: Venue;
  /** The same venue, made dependable. */
  readonly link: VenueLink;
  /** Told of a fill at a worse price than the venue was given, once it is booked. */
  readonly onFillBeyondBound?: (news: FillBeyondBound) => void;
  /** Told of an error that nothing foresees, a bug: the process should stop. */
  readonly onBroken: (error: unknown) => void;
}

export class Router {
  readonly #options: RouterOptions;
  readonly #reporter: Reporter;
  readonly #teller: Teller;
  readonly #farewell: Farewell;
  readonly #killSwitch = new KillSwitch();
  /** Of every order that works, as far as it was met since the start. */
  readonly #lanes = new Map<OrderId, Lane>();
  readonly #starter = new Starter<Lane>((lane) => void this.#run(lane));
  #leave: readonly (() => void)[] = [];
  #busy = 0;
  #leftToReconciliation = 0;
  #whenIdle: (() => void) | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#reporter = new Reporter(options.engine, options.venue.name);
    this.#teller = new Teller(this.#reporter, options.onFillBeyondBound ?? (() => {}));
    this.#farewell = new Farewell(options.venue);
  }

  /** Errands and tellings under way, or waiting for their turn. */
  get busy(): number {
    return this.#busy;
  }
  /** Orders met and not finished. */
  get working(): number {
    return this.#lanes.size;
  }
  /** Reports committed so far. */
  get reported(): number {
    return this.#reporter.submitted;
  }
  /** How often so far a report had to wait because the sequencer was busy. */
  get busyWaits(): number {
    return this.#reporter.busyWaits;
  }
  /**
   * Errands and words dropped so far because the sequencer stopped under them: reconciliation makes up for
   * them.
   */
  get leftToReconciliation(): number {
    return this.#leftToReconciliation;
  }

  /** From now on: orders and cancels that are committed go out, and what the venue says comes in. */
  start(): void {
    const { engine, venue } = this.#options;
    this.#leave = [
      engine.subscribe((batch) => this.#take(batch)),
      venue.subscribe((orderId, reports) => this.#hear(orderId, reports)),
    ];
  }

  /**
   * Stops: nothing new goes out, waits end, calls under way come to their end. What is left open (an order in
   * doubt, one not yet sent) keeps its reservation, and the next start reconciles it.
   */
  async close(): Promise<void> {
    for (const leave of this.#leave) leave();
    this.#leave = [];
    this.#options.link.close();
    this.#reporter.close();
    if (this.#busy === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  /** Asks the state of the core, patiently. @throws Fault SEQUENCER_STOPPED or JOURNAL_UNAVAILABLE */
  read<T>(question: (state: State) => T): Promise<T> {
    return this.#killSwitch.read((ask) => this.#reporter.read(ask), question);
  }

  /** All that may work, by the state. @throws as {@link read} */
  async workingIds(): Promise<readonly OrderId[]> {
    const { working, over } = await this.read((state) => ({
      working: [...state.orders.keys()],
      over: this.#farewell.notWorkingIn(state),
    }));
    this.#farewell.areOver(over);
    return working;
  }

  /**
   * Brings an order that may work into line with the venue, after whatever else is under way for it.
   * @throws LinkClosed
   * @throws Fault SEQUENCER_STOPPED or JOURNAL_UNAVAILABLE: begin anew once the sequencer runs
   */
  settle(orderId: OrderId): Promise<Settlement> {
    return new Promise((resolve, reject) => {
      this.#send(this.#laneOf(orderId), { kind: 'settle', resolve, reject });
    });
  }

  #take(batch: CommittedBatch): void {
    for (const entry of batch.entries) this.#takeEntry(entry);
  }

  #takeEntry({ events }: Entry): void {
    for (const event of events) {
      this.#killSwitch.hear(event);
      if (event.type === 'OrderAccepted') {
        const { orderId, correlationId, ticker, side, type, quantity } = event.order;
        const { boundPrice } = event;
        const accepted = { correlationId, quantity, side, boundPrice };
        const lane = this.#lanes.get(orderId) ?? new Lane(orderId, accepted);
        lane.isHolding = true; // until its first words: the venue may say more before those are heard
        this.#lanes.set(orderId, lane);
        const order: VenueOrder = { orderId, ticker, side, type, quantity, boundPrice };
        this.#send(lane, { kind: 'place', order });
      } else if (event.type === 'CancelRequested') {
        this.#send(this.#laneOf(event.orderId), { kind: 'cancel' });
      }
    }
  }

  #laneOf(orderId: OrderId): Lane {
    const known = this.#lanes.get(orderId);
    if (known !== undefined) return known;
    const lane = new Lane(orderId);
    this.#lanes.set(orderId, lane);
    return lane;
  }

  #send(lane: Lane, errand: Errand): void {
    lane.errands.push(errand);
    if (lane.isBusy) return;
    lane.isBusy = true;
    this.#busy += 1;
    this.#starter.push(lane);
  }

  /** Runs the lane's errands, one after the other, until there are none. */
  async #run(lane: Lane): Promise<void> {
    for (let errand = lane.errands.shift(); errand !== undefined; errand = lane.errands.shift()) {
      try {
        await this.#runErrand(lane, errand);
      } catch (error) {
        lane.isHolding = false;
        lane.fallBehind();
        if (errand.kind === 'settle') errand.reject(error);
        else this.#failed(error);
      }
    }
    lane.isBusy = false;
    this.#rest(lane);
  }

  async #runErrand(lane: Lane, errand: Errand): Promise<void> {
    switch (errand.kind) {
      case 'place':
        return this.#teller.tellFirst(lane, await this.#place(lane, errand.order));
      case 'cancel':
        if (lane.isCurrent) return this.#cancel(lane);
        await this.#settle(lane); // the state has the cancel, and settling sees to it
        return;
      case 'settle':
        return errand.resolve(await this.#settle(lane));
    }
  }

  /**
   * Not sent, or not again, while the kill switch is engaged, nor once its cancel waits: what never arrived need
   * not be sent to be taken back.
   */
  #place(lane: Lane, order: VenueOrder): Promise<readonly VenueReport[]> {
    const isCalledOff = (): boolean =>
      this.#killSwitch.isEngaged || lane.errands.some(({ kind }) => kind === 'cancel');
    const { link, engine } = this.#options;
    return link.place(
      order,
      () => !isCalledOff(),
      () => engine.proveOwnership(),
    );
  }

  /** What the venue says unasked. */
  #hear(orderId: OrderId, reports: readonly VenueReport[]): void {
    const lane = this.#laneOf(orderId);
    if (lane.isHolding) {
      lane.heard.push(...reports);
      return;
    }
    this.#busy += 1;
    const told = lane.isCurrent ? this.#teller.tell(lane, reports) : this.#tellOfStranger(lane, reports);
    told.catch((error: unknown) => this.#failed(error)).finally(() => this.#rest(lane));
  }

  /**
   * Words on an order that was not met in this life, or of which earlier words are missing. One that works is
   * about to be reconciled, and these words with it; else they are for people to look at.
   */
  async #tellOfStranger(lane: Lane, reports: readonly VenueReport[]): Promise<void> {
    const isWorking = await this.read((state) => state.orders.has(lane.orderId));
    if (isWorking) this.#leftToReconciliation += 1;
    else {
      lane.isFinished = true;
      await this.#reporter.report(lane.orderId, undefined, reports);
    }
  }

  #rest(lane: Lane): void {
    this.#busy -= 1;
    if (lane.isForgettable && this.#lanes.delete(lane.orderId)) this.#farewell.letGo(lane);
    if (this.#busy === 0) this.#whenIdle?.();
  }

  #failed(error: unknown): void {
    // The sequencer stopped, or nobody knows whether it committed: it will recover from its journal, and only
    // the journal can say then which reports are still missing. Sent again now they might meet a state that
    // is about to be thrown away; so reconciliation, which follows each recovery, asks the venue for all of
    // them again.
    if (error instanceof LinkClosed || error instanceof Fault) this.#leftToReconciliation += 1;
    else this.#options.onBroken(error);
  }

  async #cancel(lane: Lane): Promise<void> {
    if (lane.isFinished) return;
    const reports = await this.#options.link.cancel(lane.orderId);
    await this.#teller.tell(
      lane,
      reports.filter(({ kind }) => kind !== 'cancelRejected'),
    );
    // What came before the refusal may have been the reason for it: there is nothing left to cancel then.
    if (lane.isFinished) return;
    await this.#teller.tell(
      lane,
      reports.filter(({ kind }) => kind === 'cancelRejected'),
    );
  }

  async #settle(lane: Lane): Promise<Settlement> {
    await this.#teller.hold(lane);
    // Read here, in the order's own turn: nothing but this lane finishes it, so what is read holds until it
    // is used.
    const now = await this.read((state) => {
      const working = state.orders.get(lane.orderId);
      if (working === undefined) return undefined;
      const { order, status, boundPrice, leaves } = working;
      return { order, status, boundPrice, leaves };
    });
    if (now === undefined) {
      lane.isFinished = true;
      await this.#teller.tellFirst(lane, []);
      return 'finished';
    }
    const { order, status, boundPrice, leaves } = now;
    lane.correlationId = order.correlationId;
    lane.side = order.side;
    lane.boundPrice = boundPrice;
    lane.leaves = leaves;
    lane.isCurrent = true;
    const known = await this.#options.link.history(lane.orderId);
    if (known !== undefined) {
      await this.#teller.tellFirst(lane, known.reports);
      if (status === 'PendingCancel') await this.#cancel(lane);
      return 'known';
    }
    if (status === 'PendingCancel') {
      // Nothing of it works there, and nothing should.
      await this.#teller.tellFirst(lane, [{ kind: 'canceled' }]);
      return 'canceled';
    }
    const { orderId, ticker, side, type } = order;
    const again = { orderId, ticker, side, type, quantity: leaves, boundPrice };
    const reports = await this.#place(lane, again);
    await this.#teller.tellFirst(lane, reports);
    return reports.some(({ kind }) => kind === 'canceled') ? 'canceled' : 'placedAgain';
  }
}
