/** Lets exposures follow the market between orders: every few seconds, re-marks what is held or working. */
import type { MarkSample } from '../core/commands.ts';
import type { State } from '../core/state.ts';
import type { Price } from '../core/values/fixed-point.ts';
import type { Ticker } from '../core/values/names.ts';
import type { Quotes } from '../market-data/quotes.ts';
import type { Engine } from './engine.ts';
import { bySystem, Repeating, systemTimer, type Timer } from './house-keeping.ts';

/** Marks in one command, so that a command stays small whatever is held. */
const MARKS_MAX = 1000;

export class MarkSampler {
  readonly #engine: Engine;
  readonly #quotes: Quotes;
  readonly #repeating: Repeating;

  /** `intervalMs`: from the end of one sampling to the next. */
  constructor(engine: Engine, quotes: Quotes, intervalMs: number, timer: Timer = systemTimer) {
    this.#engine = engine;
    this.#quotes = quotes;
    const work = async (): Promise<number> => {
      await this.#sample();
      return intervalMs;
    };
    this.#repeating = new Repeating(work, timer, intervalMs);
  }

  async start(): Promise<void> {
    await this.#repeating.start();
  }

  stop(): void {
    this.#repeating.stop();
  }

  async #sample(): Promise<void> {
    if (this.#engine.status !== 'running') return;
    const exposed = await this.#engine.read(exposedMarks);
    const moved: MarkSample[] = [];
    for (const [ticker, mark] of exposed) {
      const price = this.#quotes.sample(ticker)?.mark;
      if (price !== undefined && price !== mark) moved.push({ ticker, price });
    }
    for (let first = 0; first < moved.length; first += MARKS_MAX) {
      const marks = moved.slice(first, first + MARKS_MAX);
      await this.#engine.submit({ type: 'SampleMarks', marks }, bySystem('marks follow the market'));
    }
  }
}

/** The marks of all instruments that are held or worked in. */
function exposedMarks(state: State): readonly (readonly [Ticker, Price])[] {
  const marks: [Ticker, Price][] = [];
  for (const { ticker, mark, position, buying, selling } of state.firm.exposures()) {
    if (position !== 0n || buying !== 0n || selling !== 0n) marks.push([ticker, mark]);
  }
  return marks;
}
