/** Where an API node waits for its engines' answers: each once, for a bounded time, and not too many at a time. */
import type { Channels } from '../cache/channels.ts';
import { Fault } from '../faults/fault.ts';
import type { Log } from '../telemetry/log.ts';
import { decodeAnswers } from './answer-codec.ts';
import { answersChannel } from './answer-outbox.ts';
import type { Outcome } from './dispatch.ts';
import { type Priority, roomFor } from './priority.ts';

export interface AnswerDeskOptions {
  /** This node's name: what `replyTo` says. */
  readonly node: string;
  readonly channels: Channels;
  /** How long an answer is waited for, in milliseconds. */
  readonly waitMs: number;
  /** More callers than this do not wait, but for those that have a reserve. Default 16,384. */
  readonly waitingMax?: number;
  readonly log: Log;
}

interface Waiting {
  readonly until: number;
  readonly resolve: (outcome: Outcome | undefined) => void;
}

const LOOK_MS = 25;

export class AnswerDesk {
  readonly #options: AnswerDeskOptions;
  /** In the order they began, which is the order they give up in. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #looking: NodeJS.Timeout;
  readonly #hangUp: () => void;

  constructor(options: AnswerDeskOptions) {
    this.#options = options;
    this.#hangUp = options.channels.subscribe(answersChannel(options.node), (bytes) => this.#hear(bytes));
    this.#looking = setInterval(() => this.#giveUp(), LOOK_MS).unref();
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * The answer to a command that is sent after this call; undefined: none came in time, the command may still be
   * carried out. Call {@link forget} when it could not be sent.
   * @throws Fault SEQUENCER_BUSY: too many wait
   */
  answerTo(commandId: string, priority: Priority = 'rest'): Promise<Outcome | undefined> {
    const { waitMs, waitingMax = 16_384 } = this.#options;
    if (this.#waiting.size >= roomFor(priority, waitingMax)) throw new Fault('SEQUENCER_BUSY');
    return new Promise((resolve) => {
      this.#waiting.set(commandId, { until: performance.now() + waitMs, resolve });
    });
  }

  /** Nobody waits for it any more. */
  forget(commandId: string): void {
    this.#settle(commandId, undefined);
  }

  /** Whoever waits is told that there is no answer. */
  close(): void {
    this.#hangUp();
    clearInterval(this.#looking);
    for (const commandId of [...this.#waiting.keys()]) this.#settle(commandId, undefined);
  }

  /** An answer that nobody waits for came too late, or twice. */
  #hear(bytes: Buffer): void {
    try {
      for (const { commandId, outcome } of decodeAnswers(bytes)) this.#settle(commandId, outcome);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#options.log.warn({ err: error.message }, 'answers that do not read');
    }
  }

  #giveUp(): void {
    const now = performance.now();
    for (const [commandId, { until }] of this.#waiting) {
      if (until > now) return;
      this.#settle(commandId, undefined);
    }
  }

  #settle(commandId: string, outcome: Outcome | undefined): void {
    const found = this.#waiting.get(commandId);
    this.#waiting.delete(commandId);
    found?.resolve(outcome);
  }
}
