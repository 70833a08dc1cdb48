/** News that may be missed: whoever listens hears what is said from then on, while the line holds. */

export interface Channels {
  /** At most once to each listener, in the order of the speaker. Never rejects: nobody waits for news. */
  publish(channel: string, message: Buffer): void;
  /** Returns how to stop. The listener must not throw. */
  subscribe(channel: string, listener: (message: Buffer) => void): () => void;
  /** Is the line up? While it is not, nobody hears anything. */
  readonly isUp: boolean;
}
