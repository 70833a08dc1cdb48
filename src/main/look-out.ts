/** What is looked at every few seconds, away from the order path: what cannot be seen is not shown, and nothing is kept. */
import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 5_000;
/** An answer that takes longer comes too late: it tells of a moment ago, in milliseconds. */
const PATIENCE_MS = 4_000;

/** Tries once to see, and shows what came of it. */
export type Look = () => Promise<void>;

/** `show` hears undefined where nothing could be seen. `patienceMs`: for tests. */
export const look =
  <Seen>(see: () => Promise<Seen>, show: (seen: Seen | undefined) => void, patienceMs = PATIENCE_MS): Look =>
  async () => {
    const enough = new AbortController();
    const isCut = { signal: enough.signal, ref: false };
    const patience = sleep(patienceMs, undefined, isCut).catch(() => undefined);
    try {
      const seeing = see().catch(() => undefined);
      show(await Promise.race([seeing, patience]));
    } finally {
      enough.abort();
    }
  };

export class LookOut {
  readonly #looks: readonly Look[];
  readonly #onTrouble: (error: unknown) => void;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** `onTrouble` hears of a look that breaks, which is a bug: the others go on, and so do orders. `everyMs`: for tests. */
  constructor(looks: readonly Look[], onTrouble: (error: unknown) => void, everyMs: number = EVERY_MS) {
    this.#looks = looks;
    this.#onTrouble = onTrouble;
    this.#everyMs = everyMs;
  }

  /** Now, and again and again. */
  start(): void {
    void this.#lookAround();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #lookAround(): Promise<void> {
    await Promise.all(this.#looks.map((one) => one().catch(this.#onTrouble)));
    if (!this.#isOver) this.#timer = setTimeout(() => void this.#lookAround(), this.#everyMs).unref();
  }
}
