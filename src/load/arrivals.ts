/** When each request is due: reckoned ahead of the answers and whatever they do. The backlog is a place in this schedule, never a list. */
import type { Random } from '../market-data/random.ts';
import type { Stage } from './stages.ts';

/** `constant`: as a metronome. `poisson`: as many callers who know nothing of each other. */
export const SPACINGS = ['constant', 'poisson'] as const;
export type Spacing = (typeof SPACINGS)[number];

export class Arrivals {
  readonly #stages: readonly Stage[];
  readonly #spacing: Spacing;
  readonly #random: Random;
  #stage = 0;
  /** Where the stage begins and what of it is over, in milliseconds from the first one's begin. */
  #stageAt = 0;
  #made = 0;
  #dueAt = 0;

  constructor(stages: readonly Stage[], spacing: Spacing, random: Random) {
    this.#stages = stages;
    this.#spacing = spacing;
    this.#random = random;
    this.#enter();
  }

  /** When the next request is due, in milliseconds from the begin; infinity: none is left. */
  get dueAt(): number {
    return this.#dueAt;
  }
  /** The stage it is due in. */
  get stage(): number {
    return this.#stage;
  }

  next(): void {
    this.#made += 1;
    const { rate } = this.#current();
    this.#dueAt =
      this.#spacing === 'constant'
        ? this.#stageAt + (1000 * this.#made) / rate
        : this.#dueAt + this.#gapMs(rate);
    this.#leaveWhatIsOver();
  }

  #enter(): void {
    this.#made = 0;
    const { rate } = this.#current();
    this.#dueAt = this.#stageAt + (this.#spacing === 'constant' ? 0 : this.#gapMs(rate));
    this.#leaveWhatIsOver();
  }

  #leaveWhatIsOver(): void {
    const { rate, seconds } = this.#current();
    const endsAt = this.#stageAt + 1000 * seconds;
    if (this.#stage >= this.#stages.length) this.#dueAt = Number.POSITIVE_INFINITY;
    else if (rate === 0 || this.#dueAt >= endsAt - 1e-6) {
      this.#stageAt = endsAt;
      this.#stage += 1;
      this.#enter();
    }
  }

  /** Exponential: the time to the next of callers who do not know each other. */
  #gapMs(rate: number): number {
    return rate === 0 ? 0 : (-1000 * Math.log(1 - this.#random.fraction())) / rate;
  }

  #current(): Pick<Stage, 'rate' | 'seconds'> {
    return this.#stages[this.#stage] ?? { rate: 0, seconds: 0 };
  }
}
