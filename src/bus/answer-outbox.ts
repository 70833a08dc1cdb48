/** Answers on their way to the nodes that wait for them: what is ready in one round of the event loop goes as one. */
import type { Channels } from '../cache/channels.ts';
import { harmless } from '../telemetry/harmless.ts';
import { encodeAnswers } from './answer-codec.ts';
import type { Answer } from './dispatch.ts';

/** The channel that `node` hears its answers on. */
export const answersChannel = (node: string): string => `itirp:answers:${node}`;

const MESSAGE_MAX = 256;

export class AnswerOutbox {
  readonly #channels: Pick<Channels, 'publish'>;
  readonly #waiting = new Map<string, Answer[]>();
  /** To be told that the answers are on their way. */
  #onGone: (() => void)[] = [];

  constructor(channels: Pick<Channels, 'publish'>) {
    this.#channels = channels;
  }

  add(node: string, answer: Answer, onGone?: () => void): void {
    if (this.#waiting.size === 0) setImmediate(() => this.#flush());
    const answers = this.#waiting.get(node);
    if (answers === undefined) this.#waiting.set(node, [answer]);
    else answers.push(answer);
    if (onGone !== undefined) this.#onGone.push(onGone);
  }

  #flush(): void {
    for (const [node, answers] of this.#waiting) {
      for (let at = 0; at < answers.length; at += MESSAGE_MAX) {
        this.#channels.publish(answersChannel(node), encodeAnswers(answers.slice(at, at + MESSAGE_MAX)));
      }
    }
    this.#waiting.clear();
    if (this.#onGone.length === 0) return;
    const told = this.#onGone;
    this.#onGone = [];
    for (const tell of told) harmless(tell);
  }
}
