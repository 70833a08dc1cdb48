/** What may be forgotten at any moment: values under a name for a while. Nothing is decided by it. */

/** Every method is bounded in time: a cache that is slow is a cache that is not there. */
export interface Cache {
  /** Undefined: not there, forgotten, or the cache did not answer. Never rejects. */
  get(key: string): Promise<string | undefined>;
  /** Keeps `value` for `ttlMs` at most. A cache that does not take it says nothing. Never rejects. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
}
