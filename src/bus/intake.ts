/** An engine's side of the bus: what comes in is decided in its order, once, and answered when it is committed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channels } from '../cache/channels.ts';
import type { Command, SampledQuote } from '../core/commands.ts';
import type { Micros, Ticker } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Attribution, Committed, SourceMark } from '../journal/entry.ts';
import { harmless } from '../telemetry/harmless.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { AnswerOutbox } from './answer-outbox.ts';
import type { CommandReader } from './commands.ts';
import {
  type Dispatch,
  isUndoing,
  type Outcome,
  type Received,
  type RemoteCommand,
  type Undoing,
} from './dispatch.ts';
import { IntakeSpans, type TakenIn } from './intake-spans.ts';
import { RecentIds } from './recent-ids.ts';

/** The single writer, as far as the intake needs it. */
export interface Decider {
  /** False: `submit` would be turned away for want of room. */
  hasRoomFor(command: Command): boolean;
  submit(command: Command, by: Attribution, source?: SourceMark): Promise<Committed>;
}

/** What a halt may be decided before: it stops the orders, and undoes nothing of the others. */
const MAY_BE_PASSED: ReadonlySet<Command['type']> = new Set(['PlaceOrder', 'CancelOrder', 'RecordAccess']);

export interface IntakeOptions {
  readonly shard: string;
  readonly decider: Decider;
  /** Where answers go out. */
  readonly channels: Pick<Channels, 'publish'>;
  readonly now: () => Micros;
  /** The market as this engine sees it. */
  readonly sample: (ticker: Ticker) => SampledQuote | undefined;
  /** Ids of orders that were decided lately, out of the journal's tail: what comes again is dropped. */
  readonly known: Iterable<string>;
  /** From when on they are all of them. Default: for ever. */
  readonly knownSince?: Micros;
  /**
   * Which of these orders the journal has answered since `since`: one from before what is remembered may be a copy of
   * one that was. Rejects when it is no longer wanted.
   */
  readonly answered?: (orderIds: ReadonlySet<string>, since: Micros) => Promise<ReadonlySet<string>>;
  /**
   * Has the journal what this command brings about? Asked of one that may be a copy from before our time, since command
   * ids are nowhere but here. Rejects when it is no longer wanted.
   */
  readonly carriedOut?: (dispatch: Undoing) => Promise<boolean>;
  /**
   * How long the id of what was taken in is remembered at least, in milliseconds: for as long as a copy of it may be in
   * time, by whichever clock. Default 60,000.
   */
  readonly rememberMs?: number;
  /** Commands handed to the decider and not committed yet. Default 2,048; below the decider's own bound. */
  readonly inFlightMax?: number;
  /** Counts what was not decided: a message that does not read, one that came again, one that came late. */
  readonly onDropped?: (why: 'poison' | 'duplicate' | 'late') => void;
  /** Undefined: no command is traced. */
  readonly tracing?: Tracing | undefined;
}

const REMEMBER_MS = 60_000;
/** Clocks of several machines differ by less than this, in milliseconds. */
export const CLOCKS_APART_MS = 30_000;
const BUSY_MS = 5;

export class Intake {
  readonly #options: IntakeOptions;
  readonly #outbox: AnswerOutbox;
  readonly #known: RecentIds;
  readonly #spans: IntakeSpans | undefined;
  /** Halts that were decided before their turn on the bus came. */
  readonly #ahead = new Set<string>();
  #inFlight = 0;
  #failure: unknown;
  #hasFailed = false;
  readonly #failing = new AbortController();
  readonly #begunAt: Micros;
  #wake: (() => void) | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#outbox = new AnswerOutbox(options.channels);
    this.#begunAt = options.now();
    this.#spans = options.tracing === undefined ? undefined : new IntakeSpans(options.tracing);
    this.#known = new RecentIds({ keptMs: options.rememberMs ?? REMEMBER_MS, now: options.now });
    for (const id of options.known) this.#known.add(id);
  }

  /**
   * Hands `received` to the decider, in order, and resolves when there is room for more; not when all are committed.
   *
   * Rejects with whatever the decider failed with (SEQUENCER_STOPPED, JOURNAL_UNAVAILABLE, JOURNAL_CONFLICT): from then
   * on nothing is taken in, and this intake is of no more use. What was not decided is still on the bus: a new intake
   * goes on from the journal's newest mark. Nor is anything taken in once `signal` is aborted: a successor may read
   * the same messages already, and they would be carried out twice.
   */
  async take(received: readonly Received[], signal?: AbortSignal): Promise<void> {
    const { decider } = this.#options;
    for (const orderId of await this.#answeredLongAgo(received)) this.#known.add(orderId);
    let looked = 0;
    for (const [index, { mark, dispatch }] of received.entries()) {
      if (dispatch !== undefined && this.#mayBeOld(dispatch) && (await this.#options.carriedOut?.(dispatch)))
        this.#known.add(dispatch.commandId);
      const isCrowded = this.#inFlight >= (this.#options.inFlightMax ?? 2_048);
      const isFull = dispatch !== undefined && !decider.hasRoomFor(dispatch.command);
      if (isCrowded || isFull) {
        if (signal?.aborted !== true) looked = this.#letHaltsPass(received, Math.max(index, looked));
        if (isCrowded) await this.#room();
        if (dispatch !== undefined) await this.#roomFor(dispatch.command, signal);
      }
      if (this.#hasFailed) throw this.#failure;
      if (signal?.aborted === true) return;
      if (dispatch === undefined) this.#options.onDropped?.('poison');
      else this.#takeOne(dispatch, mark);
    }
  }

  /**
   * Takes in what comes for the shard, from `from` on, until `signal` is aborted; what is then in flight, {@link settled}
   * waits for. Rejects as {@link take} does, but at once when the decider fails: what it did not decide must not wait
   * for the next command to come before it is read again. And as the reader does (BUS_BEHIND).
   */
  async follow(reader: CommandReader, from: SourceMark | undefined, signal: AbortSignal): Promise<void> {
    const both = AbortSignal.any([signal, this.#failing.signal]);
    await reader.follow(this.#options.shard, from, (received) => this.take(received, both), both);
    if (this.#hasFailed) throw this.#failure;
  }

  /** Resolves when nothing is in flight any more. */
  async settled(): Promise<void> {
    while (this.#inFlight > 0) await this.#room();
  }

  /**
   * Asked only where orders come that may be copies of what is not remembered: after an outage, when somebody repeats
   * old ones, or when so many came that ids were forgotten before their time. Dear then, for the journal is read from
   * there on; but no copy is ever taken for an order.
   */
  async #answeredLongAgo(received: readonly Received[]): Promise<Iterable<string>> {
    const orderIds = new Set<string>();
    let since = this.#remembersSince;
    for (const { dispatch } of received) {
      if (dispatch?.command.type !== 'PlaceOrder') continue;
      const from = (dispatch.sentAt - 1_000 * CLOCKS_APART_MS) as Micros;
      const { orderId } = dispatch.command.order;
      if (from >= this.#remembersSince || this.#known.has(orderId)) continue;
      orderIds.add(orderId);
      if (from < since) since = from;
    }
    return orderIds.size === 0 ? [] : ((await this.#options.answered?.(orderIds, since)) ?? []);
  }

  get #remembersSince(): Micros {
    return this.#known.since ?? this.#options.knownSince ?? (0 as Micros);
  }

  #isLate({ deadline }: Dispatch): boolean {
    return deadline !== undefined && this.#options.now() > deadline;
  }

  /**
   * While what is next has to wait, the halts behind it go before the orders in between, and before nothing that might
   * undo them or that they might undo. They carry no mark: the row that holds them says nothing of how far the bus was
   * taken in. When their turn comes they are passed over; after a crash they are read, and carried out, once more.
   * Returns where to look on: each message is looked at once, however often there is something to wait for.
   */
  #letHaltsPass(received: readonly Received[], from: number): number {
    for (let index = from; index < received.length; index += 1) {
      const dispatch = received[index]?.dispatch;
      if (dispatch === undefined || MAY_BE_PASSED.has(dispatch.command.type)) continue;
      const isHalt = dispatch.command.type === 'EngageKillSwitch';
      if (!isHalt || this.#hasFailed || !this.#options.decider.hasRoomFor(dispatch.command)) return index;
      if (this.#known.has(dispatch.commandId)) continue;
      this.#takeOne(dispatch, undefined);
      this.#ahead.add(dispatch.commandId);
    }
    return received.length;
  }

  #takeOne(dispatch: Dispatch, mark: SourceMark | undefined): void {
    const { onDropped } = this.#options;
    if (this.#ahead.delete(dispatch.commandId)) return;
    if (!this.#isNew(dispatch)) {
      onDropped?.('duplicate');
      return;
    }
    const isLate = this.#isLate(dispatch);
    if (isLate) onDropped?.('late');
    if (isLate && dispatch.command.type !== 'PlaceOrder') {
      this.#answer(dispatch, { kind: 'fault', code: 'COMMAND_LATE', detail: undefined });
      return;
    }
    this.#inFlight += 1;
    const traced = harmless(() => this.#spans?.begin(dispatch, mark));
    const by = traced === undefined ? dispatch.by : { ...dispatch.by, span: traced.spanId };
    this.#options.decider.submit(this.#stamped(dispatch.command, isLate), by, mark).then(
      (committed) => {
        this.#answer(dispatch, { kind: 'committed', committed }, traced);
        this.#landed();
      },
      (error: unknown) => {
        this.#trace(traced, error instanceof Fault ? error.code : 'INTERNAL');
        this.#fail(error);
        this.#landed();
      },
    );
  }

  #landed(): void {
    this.#inFlight -= 1;
    this.#wake?.();
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failure = error;
    this.#failing.abort();
  }

  /** Sent, by whichever clock, before the ids of all commands since are remembered, and harmful to repeat. */
  #mayBeOld(dispatch: Dispatch): dispatch is Undoing {
    if (!isUndoing(dispatch) || this.#known.has(dispatch.commandId)) return false;
    return dispatch.sentAt < (this.#known.since ?? this.#begunAt) + 1_000 * CLOCKS_APART_MS;
  }

  /** A command is known by its own id, an order by the order's too: the journal remembers only that one. */
  #isNew({ commandId, command }: Dispatch): boolean {
    const orderId = command.type === 'PlaceOrder' ? command.order.orderId : undefined;
    const isKnown =
      this.#known.has(commandId) ||
      (orderId !== undefined && orderId !== commandId && this.#known.has(orderId));
    this.#known.add(commandId);
    if (orderId !== undefined && orderId !== commandId) this.#known.add(orderId);
    return !isKnown;
  }

  /**
   * A full queue is waited out before anything behind is handed over: what is on the bus is never refused for want of
   * room, and no later mark may be committed before its facts are.
   */
  async #roomFor(command: Command, signal: AbortSignal | undefined): Promise<void> {
    const isWanted = (): boolean => !this.#hasFailed && signal?.aborted !== true;
    while (isWanted() && !this.#options.decider.hasRoomFor(command)) await sleep(BUSY_MS);
  }

  #stamped(command: RemoteCommand, isLate: boolean): Command {
    if (command.type !== 'PlaceOrder') return command;
    const quote = this.#options.sample(command.order.ticker);
    return isLate ? { ...command, quote, isLate } : { ...command, quote };
  }

  #answer({ commandId, shard, replyTo }: Dispatch, outcome: Outcome, traced?: TakenIn): void {
    this.#trace(traced);
    if (replyTo === undefined) return;
    this.#outbox.add(replyTo, { commandId, shard, outcome }, this.#spans?.whenAnswered(traced));
  }

  #trace(traced: TakenIn | undefined, failure?: string): void {
    if (traced !== undefined) harmless(() => this.#spans?.end(traced, failure));
  }

  async #room(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
  }
}
