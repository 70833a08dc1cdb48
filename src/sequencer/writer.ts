/**
 * One life of the shard's writer, from a recovery to its first failure. A writer that failed is never mended: its
 * state ran ahead of the disk, so it is thrown away, and a recovery makes the next one.
 */
import { decide } from '../core/decide.ts';
import { evolve } from '../core/evolve.ts';
import type { State } from '../core/state.ts';
import type { Micros } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Journal } from '../journal/journal.ts';
import type { Batch } from './batch.ts';
import type { Clock } from './clock.ts';
import type { Timings } from './options.ts';
import { type BatchLimits, Pipeline } from './pipeline.ts';
import type { Recovered } from './recovery.ts';
import type { Moment } from './tenure.ts';
import { TurnQueue } from './turn-queue.ts';
import { CommandTurn, type Lane, type Turn } from './turns.ts';

export interface WriterOptions {
  readonly shard: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly batch: BatchLimits;
  /** For when a row was sent. */
  readonly now: () => Moment;
  readonly timings: Timings | undefined;
  /** Turns that may wait in each lane. */
  readonly laneMax: number;
  /** Hears of every batch once it is on disk, in order, before anyone else. Must not throw. */
  readonly onCommitted: (batch: Batch, seconds: number) => void;
  /** Hears once why the writer is over: Fault JOURNAL_CONFLICT or JOURNAL_UNAVAILABLE; all else is a bug. */
  readonly onOver: (reason: unknown) => void;
}

/** Turns taken before the event loop may see to the sockets again: well under a millisecond of work. */
const TURNS_AT_ONCE = 128;

export class Writer {
  readonly #clock: Clock;
  readonly #onCommitted: WriterOptions['onCommitted'];
  readonly #onOver: WriterOptions['onOver'];
  readonly #timings: Timings | undefined;
  readonly #state: State;
  readonly #queue: TurnQueue;
  readonly #pipeline: Pipeline;
  #lastAt: Micros;
  #isTurnDue = false;
  #isOver = false;
  #onIdle: (() => void) | undefined;

  constructor(from: Recovered, options: WriterOptions) {
    const { shard, journal, batch, laneMax } = options;
    this.#clock = options.clock;
    this.#onCommitted = options.onCommitted;
    this.#onOver = options.onOver;
    this.#timings = options.timings;
    this.#state = from.state;
    this.#lastAt = from.at;
    this.#queue = new TurnQueue(laneMax);
    this.#pipeline = new Pipeline(
      shard,
      from,
      journal,
      batch,
      { stamp: this.#stamp, now: options.now },
      {
        committed: this.#settle,
        failed: (error) => this.fail(error),
      },
    );
  }

  /** How many wait to be decided. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Nothing waits and nothing is under way: the state is that of the last committed fact. */
  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#pipeline.isClear && this.#pipeline.forming.turns.length === 0;
  }

  /** Runs ahead of the disk unless the writer is idle. */
  get state(): State {
    return this.#state;
  }

  hasRoomIn(lane: Lane): boolean {
    return !this.#queue.isFull(lane);
  }

  /** @throws Fault SEQUENCER_BUSY: the turn's lane is full */
  enqueue(turn: Turn): void {
    if (this.#queue.isFull(turn.lane)) throw new Fault('SEQUENCER_BUSY');
    if (this.#timings !== undefined && turn instanceof CommandTurn) turn.enteredMs = performance.now();
    this.#queue.push(turn);
    this.#callTurns();
  }

  /** Resolves once the writer is idle, or over. */
  async drain(): Promise<void> {
    if (this.isIdle || this.#isOver) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    await promise;
  }

  /** Ends this life. What was sent to the journal may or may not be committed; all else never will be. */
  fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { sent, unsent } = this.#pipeline.abandon();
    const inDoubt = new Fault('JOURNAL_UNAVAILABLE', undefined, { cause: reason });
    for (const turn of sent?.turns ?? []) turn.reject(inDoubt);
    const stopped = new Fault('SEQUENCER_STOPPED', undefined, { cause: reason });
    for (const batch of unsent) for (const turn of batch.turns) turn.reject(stopped);
    for (let turn = this.#queue.take(); turn !== undefined; turn = this.#queue.take()) turn.reject(stopped);
    this.#onIdle?.();
    this.#onOver(reason);
  }

  /** At the end of this round of the event loop, so that all that arrives in one round shares a batch. */
  #callTurns(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    setImmediate(this.#takeTurns);
  }

  readonly #takeTurns = (): void => {
    this.#isTurnDue = false;
    if (this.#isOver) return;
    let turn: Turn | undefined;
    let begunMs = this.#timings === undefined ? 0 : performance.now();
    try {
      for (let left = TURNS_AT_ONCE; left > 0 && !this.#pipeline.isFull; left--) {
        turn = this.#queue.take();
        if (turn === undefined) break;
        this.#take(turn);
        if (this.#timings !== undefined) begunMs = measured(this.#timings, turn, begunMs);
      }
      turn = undefined;
      this.#pipeline.advance();
      this.#goOn();
    } catch (error) {
      turn?.reject(new Fault('SEQUENCER_STOPPED', undefined, { cause: error }));
      this.fail(error);
    }
  };

  /** @throws InvariantBroken */
  #take(turn: Turn): void {
    const { forming } = this.#pipeline;
    if (turn instanceof CommandTurn) {
      const { trace } = turn;
      if (trace !== undefined) trace.takenAt = performance.now();
      const events = decide(this.#state, turn.command);
      for (const event of events) evolve(this.#state, event);
      turn.at = this.#stamp();
      turn.events = events;
      if (trace !== undefined) trace.decidedAt = performance.now();
      forming.add(turn);
    } else {
      turn.put(this.#state);
      forming.turns.push(turn);
    }
  }

  /** UTC microseconds, never less than any stamp before it in the shard's journal. */
  readonly #stamp = (): Micros => {
    const now = this.#clock.now();
    if (now > this.#lastAt) this.#lastAt = now;
    return this.#lastAt;
  };

  /** Answers first and announces then: callers go on only after this task, when both are done. */
  readonly #settle = (batch: Batch, seconds: number): void => {
    for (const turn of batch.turns) turn.answer();
    this.#onCommitted(batch, seconds);
    if (!this.#isOver) this.#goOn();
  };

  #goOn(): void {
    for (const turn of this.#pipeline.takeFactless()?.turns ?? []) turn.answer();
    if (this.#queue.length > 0 && !this.#pipeline.isFull) this.#callTurns();
    if (this.isIdle) this.#onIdle?.();
  }
}

/** The end of one turn is the beginning of the next: the clock is read once for each. */
function measured(timings: Timings, turn: Turn, begunMs: number): number {
  const endedMs = performance.now();
  if (turn instanceof CommandTurn) {
    timings.waited((begunMs - turn.enteredMs) / 1000);
    timings.decided((endedMs - begunMs) / 1000);
  }
  return endedMs;
}
