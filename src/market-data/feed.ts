/** Where quotes come from: made up, played from a file, or one day a market. One reader each. */
import type { Micros } from '../core/values/names.ts';
import type { Quote } from './quotes.ts';

export interface FeedProgress {
  /** Quotes given so far. */
  readonly quotes: number;
  /** The part of the feed that is behind us, from 0 to 1; undefined where the feed has no end. */
  readonly played: number | undefined;
}

export interface Feed {
  /** For people: `generator`, or the file's name. */
  readonly name: string;
  /**
   * The time that the quotes given now belong to, where it is not the real one (a recording); else undefined.
   */
  readonly now: Micros | undefined;
  readonly progress: FeedProgress;
  /**
   * Gives every quote to `sink`, in order, until the feed ends or is stopped, and resolves then. The sink is
   * called from the event loop's own turns, never within this call. A feed starts once.
   * @throws Fault FEED_INVALID: the quotes do not read; those before the bad one were given
   */
  start(sink: (quote: Quote) => void): Promise<void>;
  /** No quote until `resume`. What was due meanwhile is neither lost nor hurried. */
  pause(): void;
  resume(): void;
  /** No quote after this. Harmless when the feed has ended, or never started. */
  stop(): void;
}
