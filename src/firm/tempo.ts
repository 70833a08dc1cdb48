/** Work that is asked for often and done now and then: at once when it is long ago, and always once more at the end. */

/**
 * No rest is longer, in milliseconds: work that took long because somebody did not answer for a while is not work that
 * costs much.
 */
const REST_MS_MAX = 1_000;

export class Tempo {
  readonly #work: () => Promise<void>;
  readonly #everyMs: number;
  readonly #ratio: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isAsked = false;
  #isStopped = false;
  /** On the monotonic clock. */
  #freeAtMs = 0;

  /**
   * `work` must not reject. From one begin to the next there are at least `everyMs`, and after its end `ratio` times as
   * long as it took, up to a second.
   */
  constructor(work: () => Promise<void>, everyMs: number, ratio: number) {
    this.#work = work;
    this.#everyMs = everyMs;
    this.#ratio = ratio;
  }

  /** What is asked for now is done by work that begins after now. Costs next to nothing. */
  ask(): void {
    if (this.#isAsked || this.#isStopped) return;
    this.#isAsked = true;
    if (this.#running !== undefined) return;
    const waitMs = this.#freeAtMs - performance.now();
    if (waitMs <= 0) void this.now();
    else this.#timer = setTimeout(() => void this.now(), waitMs);
  }

  /** Without waiting for its turn. Resolves when it is done. */
  now(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Resolves when nothing is under way; nothing will be again. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isAsked = false;
    const begunMs = performance.now();
    await this.#work();
    const endMs = performance.now();
    const restMs = Math.min(this.#ratio * (endMs - begunMs), REST_MS_MAX);
    this.#freeAtMs = Math.max(begunMs + this.#everyMs, endMs + restMs);
    this.#running = undefined;
    if (!this.#isAsked) return;
    this.#isAsked = false;
    this.ask();
  }
}
