/** The port of the news: facts on their way to whoever follows a topic. */
import type { EventTopic } from './topics.ts';

export interface Announcement {
  readonly topic: EventTopic;
  /** Messages of one key stay in their order. */
  readonly key: string;
  /** Text, by name. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** JSON, in UTF-8: text in a thousand pieces would be copied about by the garbage collector until it is sent. */
  readonly body: Buffer;
}

export interface Announcer {
  /**
   * Resolves when every copy that counts of every announcement is written. After a failure any of them may have been
   * written; whoever announces them again keeps their order.
   * @throws Fault BUS_UNAVAILABLE
   */
  announce(announcements: readonly Announcement[]): Promise<void>;
}
