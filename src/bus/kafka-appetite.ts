/**
 * How much a reader waits for before it takes its next helping. What comes in single messages is handed over at once.
 * Where many came, half as many are waited for, a few milliseconds at most: each helping costs a fetch, a row and an
 * answer, whatever it holds, so a busy shard pays for fewer and larger ones.
 */

/** Of one request to the broker: it answers when there are `minBytes`, or after `waitMs`. */
export interface Helping {
  readonly minBytes: number;
  readonly waitMs: number;
}

/** Anything at all is enough, and nothing may come for long. */
export const HUNGRY: Helping = { minBytes: 1, waitMs: 500 };

/** Fewer messages than this at a time are no load. */
const BUSY_MESSAGES = 8;
/** The longest that an order of a busy shard waits for others, in milliseconds. */
const GATHER_MS = 5;
const MIN_BYTES_MAX = 64 * 1024;

/** What to ask for after a helping of `messages` messages with `bytes` bytes. */
export function nextHelping(messages: number, bytes: number): Helping {
  if (messages < BUSY_MESSAGES) return HUNGRY;
  return { minBytes: Math.min(Math.ceil(bytes / 2), MIN_BYTES_MAX), waitMs: GATHER_MS };
}
