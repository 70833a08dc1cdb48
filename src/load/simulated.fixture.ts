/** A deployment that is only reckoned, in a time that is only reckoned: its capacity is known, so figures can be held against it. */
import type { Clock } from './clock.ts';
import type { Answer, Operation, Transport } from './transport.ts';

/** Time that passes as soon as nobody has anything left to do in it. */
export class ReckonedClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #waiting: { at: number; order: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }
  after(ms: number, wake: () => void): void {
    this.#waiting.push({ at: this.#now + ms, order: this.#order++, wake });
  }
  soon(wake: () => void): void {
    this.after(0, wake);
  }

  /** Lets time pass until `done` is settled. */
  async passUntil<T>(done: Promise<T>): Promise<T> {
    let isDone = false;
    const settled = done.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined);
    for (let i = 0; !isDone; i++) {
      const next = this.#takeNext();
      if (next === undefined || i % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (next === undefined) continue;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    return await settled;
  }

  #takeNext(): { at: number; wake: () => void } | undefined {
    let least = 0;
    for (const [i, { at, order }] of this.#waiting.entries()) {
      const best = this.#waiting[least];
      if (best !== undefined && (at < best.at || (at === best.at && order < best.order))) least = i;
    }
    return this.#waiting.splice(least, 1)[0];
  }
}

export interface SimulatedOptions {
  readonly clock: ReckonedClock;
  /** Requests it works on at once, and how long each takes: the two are its capacity. */
  readonly workers: number;
  readonly serviceMs: number;
  readonly connectionsMax: number;
  /** It does nothing from here to there, in milliseconds of its clock. */
  readonly stalls?: readonly [from: number, to: number];
  /** What the request of this number is answered. */
  readonly answer?: (number: number, operation: Operation) => Answer;
}

const GOOD: Answer = { kind: 'good', outcome: '200', orderId: undefined, clientOrderId: undefined };

/** A queue before some workers, reached over so many connections. */
export class SimulatedDeployment implements Transport {
  onRoom: () => void = () => {};
  readonly troubles = new Map<string, number>();
  readonly #options: SimulatedOptions;
  /** When each worker is free. */
  readonly #freeAt: number[];
  #underWay = 0;
  #count = 0;

  constructor(options: SimulatedOptions) {
    this.#options = options;
    this.#freeAt = Array.from({ length: options.workers }, () => 0);
  }

  hasRoom(): boolean {
    return this.#underWay < this.#options.connectionsMax;
  }

  begin(operation: Operation, _token: string, heard: (answer: Answer) => void): void {
    const { clock, serviceMs, answer } = this.#options;
    const number = this.#count++;
    this.#underWay += 1;
    const worker = this.#freeAt.indexOf(Math.min(...this.#freeAt));
    const begun = this.#afterStall(Math.max(clock.now(), this.#freeAt[worker] ?? 0));
    this.#freeAt[worker] = begun + serviceMs;
    clock.after(begun + serviceMs - clock.now(), () => {
      this.#underWay -= 1;
      heard(answer?.(number, operation) ?? GOOD);
      this.onRoom();
    });
  }

  close(): void {}

  #afterStall(at: number): number {
    const [from, to] = this.#options.stalls ?? [0, 0];
    return at >= from && at < to ? to : at;
  }
}
