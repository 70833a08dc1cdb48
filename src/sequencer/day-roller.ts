/** Starts each trading day: the one that is due when the platform starts, and then one at each roll-over. */
import type { TradingDate } from '../core/values/names.ts';
import type { Clock } from './clock.ts';
import type { Engine } from './engine.ts';
import { bySystem, Repeating, systemTimer, type Timer } from './house-keeping.ts';
import { type RollOver, tradingDayAt } from './trading-day.ts';

/** The longest nap: a clock that is set, or a machine that slept, is noticed within it. */
const NAP_MAX_MS = 60_000;
const RETRY_MS = 1000;

export class DayRoller {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #rollOver: RollOver;
  readonly #repeating: Repeating;
  #started: TradingDate | undefined;

  constructor(engine: Engine, clock: Clock, rollOver: RollOver, timer: Timer = systemTimer) {
    this.#engine = engine;
    this.#clock = clock;
    this.#rollOver = rollOver;
    this.#repeating = new Repeating(() => this.#roll(), timer, RETRY_MS);
  }

  /** Resolves when the day that is due has started, unless the engine was out of reach: then it is tried again. */
  async start(): Promise<void> {
    await this.#repeating.start();
  }

  stop(): void {
    this.#repeating.stop();
  }

  /** The core passes over a day that has started already: a start in mid-day, or a clock set back, brings no fact. */
  async #roll(): Promise<number> {
    const { date, endsAt } = tradingDayAt(this.#clock.now(), this.#rollOver);
    if (date !== this.#started) {
      await this.#engine.submit({ type: 'StartTradingDay', date }, bySystem('trading day roll-over'));
      this.#started = date;
    }
    return Math.min(NAP_MAX_MS, Math.max(0, Math.ceil((endsAt - this.#clock.now()) / 1000)));
  }
}
