/** Does the command bus answer just now? Asked now and then, so that a node can say so though nobody sends anything. */
import { Admin } from '@platformatic/kafka';
import {
  asBusFault,
  baseOptions,
  discard,
  type KafkaSettings,
  nameOf,
  withDeadline,
} from './kafka-connection.ts';
import { COMMANDS } from './topics.ts';

/** Between an answer and the next question, in milliseconds. */
const LOOK_MS = 5_000;
const ANSWER_MS = 4_000;

export class KafkaWatch {
  readonly #settings: KafkaSettings;
  readonly #lookMs: number;
  #admin: Admin | undefined;
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;
  #trouble: string | undefined;
  #isOver = false;

  /** `lookMs`: for tests. */
  constructor(settings: KafkaSettings, lookMs: number = LOOK_MS) {
    this.#settings = settings;
    this.#lookMs = lookMs;
  }

  /** What was wrong when it was asked last; undefined: it answered, and every partition of commands has a leader. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  start(): void {
    this.#again();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  #again(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => void this.#look().finally(() => this.#again()), this.#lookMs).unref();
  }

  /** Rejects never: whatever goes wrong is what is to be told. */
  async #look(): Promise<void> {
    try {
      this.#trouble = await this.#ask();
    } catch (error) {
      this.#trouble = asBusFault(error).message;
      this.#drop(); // and asks another broker first the next time
    }
  }

  async #ask(): Promise<string | undefined> {
    this.#admin ??= new Admin(baseOptions(this.#settings, this.#turn));
    const topic = nameOf(this.#settings, COMMANDS);
    const asked = this.#admin.metadata({ topics: [topic], forceUpdate: true });
    const partitions = (await withDeadline('metadata', ANSWER_MS, asked)).topics.get(topic)?.partitions ?? [];
    const orphans = partitions.filter(({ leader }) => leader < 0).length;
    return orphans === 0
      ? undefined
      : `${orphans} of ${partitions.length} partitions of ${topic} have no leader`;
  }

  #drop(): void {
    const admin = this.#admin;
    this.#admin = undefined;
    this.#turn += 1;
    if (admin !== undefined) discard(() => admin.close());
  }
}
