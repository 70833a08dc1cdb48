/** How far each login's refresh tokens have been handed on: one number for each, and it may be forgotten. */

/**
 * `rotated`: the token was the newest and is used up now. `reused`: it was used up before, or the session is ended.
 * `unknown`: no such session, or it is forgotten.
 */
export type Rotation = 'rotated' | 'reused' | 'unknown';

/** Every method: @throws Fault CACHE_UNAVAILABLE: it is not known whether it was done */
export interface SessionStore {
  /** Its first token is of generation 0. */
  begin(sessionId: string, lifeMs: number): Promise<void>;
  /**
   * Uses up the token of `generation`. `attempt`: the same one when it is tried again because nobody answered, so that a
   * session does not end by our own second try.
   */
  rotate(sessionId: string, generation: number, attempt: string): Promise<Rotation>;
  /** From now on every token of it is `reused`. */
  end(sessionId: string): Promise<void>;
}
