/** Telling of work must never become the work's failure: a span that cannot be told is a span less, and no more. */

/** What `tell` comes to; undefined: it failed. */
export function harmless<T>(tell: () => T, onFailure?: (error: unknown) => void): T | undefined {
  try {
    return tell();
  } catch (error) {
    onFailure?.(error);
    return undefined;
  }
}
