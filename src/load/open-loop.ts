/** The open loop: requests fall due by a schedule, whatever the answers do, and are timed from then on. */

import type { Random } from '../market-data/random.ts';
import { Arrivals, type Spacing } from './arrivals.ts';
import type { Clock } from './clock.ts';
import type { Flow } from './flow.ts';
import type { OperationKind } from './mix.ts';
import type { SelfFigures } from './self-watch.ts';
import type { Series } from './series.ts';
import type { Stage } from './stages.ts';
import { Tally } from './tally.ts';
import type { Transport } from './transport.ts';

export interface LoopParts {
  readonly transport: Transport;
  readonly flow: Pick<Flow, 'draw' | 'next' | 'heard'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly series: Series;
  readonly watch: { late(ms: number): void; lap(): SelfFigures };
  readonly spacing: Spacing;
  /** A request that finds no room for so long is shed. Milliseconds. */
  readonly patienceMs: number;
  /** Wake up at the microsecond, at the price of a whole core. */
  readonly isSpinning: boolean;
}

/** Sleep at most so long: answers wake the loop up too. Milliseconds. */
const NAP_MS_MAX = 50;
const NAP_MS_MIN = 1;

export class OpenLoop {
  readonly #parts: LoopParts;
  #isStopped = false;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** No request falls due any more: a run that is under way ends when the last one is answered. */
  stop(): void {
    this.#isStopped = true;
    this.#parts.transport.onRoom();
  }
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Resolves when every request of `stages` is answered, failed or shed. One run at a time. */
  async run(stages: readonly Stage[]): Promise<readonly Tally[]> {
    const run = new Run(stages, this.#parts, () => this.#isStopped);
    await run.done;
    return run.tallies.filter(({ seconds }) => seconds > 0);
  }
}

class Run {
  readonly tallies: readonly Tally[];
  readonly done: Promise<void>;
  readonly #parts: LoopParts;
  readonly #isStopped: () => boolean;
  readonly #arrivals: Arrivals;
  readonly #beganAt: number;
  #finish: () => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #inFlight = 0;
  #isAsleep = false;
  #isOver = false;
  /** The stage that runs now, and when it began and will end. */
  #current = 0;
  #stageAt: number;
  #stoppedAt: number | undefined;

  constructor(stages: readonly Stage[], parts: LoopParts, isStopped: () => boolean) {
    this.#parts = parts;
    this.#isStopped = isStopped;
    this.tallies = stages.map((stage) => new Tally(stage));
    this.#arrivals = new Arrivals(stages, parts.spacing, parts.random);
    this.#beganAt = parts.clock.now();
    this.#stageAt = this.#beganAt;
    parts.watch.lap();
    parts.transport.onRoom = () => this.#turn();
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#turn();
  }

  /** A timer or a socket has called: a bug in what is done then is the run's, which has things to put away behind it. */
  #guarded(act: () => void): void {
    if (this.#isOver) return;
    try {
      act();
    } catch (error) {
      this.#isOver = true;
      this.#parts.transport.onRoom = () => {};
      this.#fail(error);
    }
  }

  #turn(): void {
    this.#guarded(() => this.#look());
  }

  /** Everything the loop does: looks at the clock, begins what is due, and goes to sleep until more is. */
  #look(): void {
    const now = this.#parts.clock.now();
    this.#passTo(now);
    this.#beginWhatIsDue(now);
    this.#parts.series.look(now, this.#inFlight);
    const isOver = this.#inFlight === 0 && this.#current >= this.tallies.length && !this.#isDue(now);
    if (!isOver) return this.#sleep(now);
    this.#isOver = true;
    this.#parts.transport.onRoom = () => {};
    this.#finish();
  }

  /** Closes the stages that are over. */
  #passTo(now: number): void {
    if (this.#isStopped()) this.#stoppedAt ??= now;
    for (let tally = this.tallies[this.#current]; tally !== undefined; tally = this.tallies[this.#current]) {
      const endsAt = this.#stageAt + 1000 * tally.stage.seconds;
      if (now < endsAt && this.#stoppedAt === undefined) return;
      tally.atS = this.#parts.series.secondsAt(this.#stageAt);
      tally.seconds = Math.max(0, Math.min(now, endsAt) - this.#stageAt) / 1000;
      tally.self = this.#parts.watch.lap();
      this.#stageAt = endsAt;
      this.#current += 1;
    }
  }

  #isDue(now: number): boolean {
    return this.#beganAt + this.#arrivals.dueAt <= (this.#stoppedAt ?? now);
  }

  /** After a stop what is due and not begun is shed: nobody waits for it. */
  #beginWhatIsDue(now: number): void {
    const { transport, flow, patienceMs, series } = this.#parts;
    while (this.#isDue(now)) {
      const dueAt = this.#beganAt + this.#arrivals.dueAt;
      const waitedMs = now - dueAt;
      const isTooLate = waitedMs > patienceMs || this.#stoppedAt !== undefined;
      if (!isTooLate && !transport.hasRoom()) return;
      const tally = this.tallies[this.#arrivals.stage];
      this.#arrivals.next();
      if (tally === undefined) return;
      tally.due += 1;
      series.due();
      const kind = flow.draw(); // also of what is shed: no kind of request is to look better for it
      if (!isTooLate) this.#begin(kind, tally, dueAt);
      else {
        tally.shedAfter(kind, waitedMs);
        series.shed(waitedMs);
      }
    }
  }

  #begin(kind: OperationKind, tally: Tally, dueAt: number): void {
    const { transport, flow, clock, series } = this.#parts;
    const request = flow.next(kind);
    const begunAt = clock.now();
    tally.begun += 1;
    this.#inFlight += 1;
    transport.begin(request.operation, request.trader.token, (answer) =>
      this.#guarded(() => {
        const now = clock.now();
        this.#inFlight -= 1;
        this.#passTo(now);
        tally.heard(request.operation.kind, answer, now - dueAt, now - begunAt);
        series.heard(answer, now - dueAt);
        this.tallies[this.#current]?.heardWithin(answer.kind);
        flow.heard(request, answer);
        if (this.#inFlight === 0) clock.soon(() => this.#turn()); // it may have been the last
      }),
    );
  }

  #sleep(now: number): void {
    if (this.#isAsleep) return;
    this.#isAsleep = true;
    const { clock, watch, isSpinning } = this.#parts;
    const wake = (): void => {
      this.#isAsleep = false;
      this.#turn();
    };
    const untilDueMs = this.#beganAt + this.#arrivals.dueAt - now;
    if (isSpinning && untilDueMs < 2) {
      return clock.soon(() => {
        const lateMs = clock.now() - now - untilDueMs;
        if (untilDueMs > 0 && lateMs >= 0) watch.late(lateMs); // what was due before waits for room, not for us
        wake();
      });
    }
    const napMs = Math.min(NAP_MS_MAX, Math.max(NAP_MS_MIN, Math.floor(untilDueMs) - (isSpinning ? 1 : 0)));
    clock.after(napMs, () => {
      watch.late(clock.now() - now - napMs);
      wake();
    });
  }
}
