/** The bounded queue before the sequencer: first come, first served, with a bound for each lane. */
import type { Lane, Turn } from './turns.ts';

/** Two arrays, one that fills and one that empties: taking the first never moves the others. */
export class TurnQueue {
  readonly #laneMax: number;
  readonly #waiting: Record<Lane, number> = { orders: 0, cancels: 0, house: 0, access: 0, reads: 0 };
  #arriving: Turn[] = [];
  #leaving: Turn[] = [];
  #next = 0;

  constructor(laneMax: number) {
    this.#laneMax = laneMax;
  }

  /** How many wait, over all lanes. */
  get length(): number {
    return this.#arriving.length + this.#leaving.length - this.#next;
  }

  isFull(lane: Lane): boolean {
    return this.#waiting[lane] >= this.#laneMax;
  }

  push(turn: Turn): void {
    this.#waiting[turn.lane]++;
    this.#arriving.push(turn);
  }

  /** The one that waited longest; undefined when nobody waits. */
  take(): Turn | undefined {
    if (this.#next === this.#leaving.length) {
      const emptied = this.#leaving;
      emptied.length = 0;
      this.#next = 0;
      this.#leaving = this.#arriving;
      this.#arriving = emptied;
    }
    const turn = this.#leaving[this.#next];
    if (turn === undefined) return undefined;
    this.#next++;
    this.#waiting[turn.lane]--;
    return turn;
  }
}
