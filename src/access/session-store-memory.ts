/** Sessions in this process: gone with it, and then everyone logs in again. */
import { BoundedMap } from '../cache/bounded-map.ts';
import type { Rotation, SessionStore } from './session-store.ts';

const SESSIONS_MAX = 100_000;

interface Held {
  readonly newest: number;
  readonly attempt: string;
  readonly isEnded: boolean;
  readonly untilMs: number;
}

export class MemorySessionStore implements SessionStore {
  readonly #sessions = new BoundedMap<string, Held>(SESSIONS_MAX);
  readonly #now: () => number;

  /** `now`: milliseconds on any clock that never runs backwards. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  async begin(sessionId: string, lifeMs: number): Promise<void> {
    this.#sessions.set(sessionId, { newest: 0, attempt: '', isEnded: false, untilMs: this.#now() + lifeMs });
  }

  async rotate(sessionId: string, generation: number, attempt: string): Promise<Rotation> {
    const held = this.#held(sessionId);
    if (held === undefined) return 'unknown';
    const isSecondTry = generation === held.newest - 1 && attempt === held.attempt;
    if (held.isEnded || (generation < held.newest && !isSecondTry)) {
      await this.end(sessionId);
      return 'reused';
    }
    if (!isSecondTry) this.#sessions.set(sessionId, { ...held, newest: generation + 1, attempt });
    return 'rotated';
  }

  async end(sessionId: string): Promise<void> {
    const held = this.#held(sessionId);
    if (held !== undefined) this.#sessions.set(sessionId, { ...held, isEnded: true });
  }

  #held(sessionId: string): Held | undefined {
    const held = this.#sessions.get(sessionId);
    return held !== undefined && held.untilMs > this.#now() ? held : undefined;
  }
}
