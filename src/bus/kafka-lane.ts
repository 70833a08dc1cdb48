/** Messages of one partition on their way to Kafka: while one request is under way, the next one gathers. */
import { Fault } from '../faults/fault.ts';
import { leavesOf, wordOf } from './kafka-connection.ts';
import { type Priority, roomFor } from './priority.ts';

export interface Letter {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer;
  readonly value: Buffer;
}

interface Waiting {
  readonly letter: Letter;
  readonly priority: Priority;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (fault: Fault) => void;
}

export interface LaneOptions {
  /** One request: resolves when every copy that counts is written. It may hang. */
  readonly post: (letters: readonly Letter[]) => Promise<void>;
  /** How long one message may take from being handed over to being kept, in milliseconds. */
  readonly patienceMs: number;
  /** More than this many messages do not wait, but for those that have a reserve. */
  readonly waitingMax: number;
  /** Hears of each request that failed, and of how many messages: their senders may have given up by then. */
  readonly onFailed?: ((fault: Fault, letters: number) => void) | undefined;
}

/** Of one request: more makes the client's own encoding slower than linear. */
const LETTERS_MAX = 300;
const BYTES_MAX = 512 * 1024;

export class KafkaLane {
  readonly #options: LaneOptions;
  #waiting: Waiting[] = [];
  #flying: Waiting[] | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** @throws Fault BUS_UNAVAILABLE: it was not sent; COMMAND_IN_DOUBT: it may have been */
  send(letter: Letter, priority: Priority = 'rest'): Promise<void> {
    if (this.#waiting.length >= roomFor(priority, this.#options.waitingMax)) {
      return Promise.reject(new Fault('BUS_UNAVAILABLE', 'too many messages wait to be sent'));
    }
    return new Promise((resolve, reject) => {
      this.#queue({ letter, priority, since: performance.now(), resolve, reject });
      if (this.#flying === undefined && this.#waiting.length === 1) setImmediate(() => this.#fly());
    });
  }

  /** Tells whoever has waited for too long. To be called a few times within the patience. */
  sweep(now = performance.now()): void {
    const isLate = ({ since }: Waiting): boolean => now - since > this.#options.patienceMs;
    const why = 'the bus did not answer in time';
    for (const { reject } of this.#flying?.filter(isLate) ?? []) reject(new Fault('COMMAND_IN_DOUBT', why));
    if (this.#waiting.length === 0 || !this.#waiting.some(isLate)) return;
    for (const { reject } of this.#waiting.filter(isLate)) reject(new Fault('BUS_UNAVAILABLE', why));
    this.#waiting = this.#waiting.filter((one) => !isLate(one));
  }

  #queue(one: Waiting): void {
    const place =
      one.priority === 'firm' ? this.#waiting.findIndex(({ priority }) => priority !== 'firm') : -1;
    this.#waiting.splice(place === -1 ? this.#waiting.length : place, 0, one);
  }

  #fly(): void {
    if (this.#flying !== undefined || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, this.#fitting());
    this.#flying = batch;
    const landed = (settle: (one: Waiting) => void): void => {
      this.#flying = undefined;
      for (const one of batch) settle(one);
      this.#fly();
    };
    this.#options.post(batch.map(({ letter }) => letter)).then(
      () => landed(({ resolve }) => resolve()),
      (error: unknown) => {
        const fault = sendFault(error);
        this.#options.onFailed?.(fault, batch.length);
        landed(({ reject }) => reject(fault));
      },
    );
  }

  #fitting(): number {
    let bytes = 0;
    let count = 0;
    for (const { letter } of this.#waiting) {
      bytes += letter.value.length;
      if (count > 0 && (bytes > BYTES_MAX || count === LETTERS_MAX)) break;
      count += 1;
    }
    return count;
  }
}

/** The broker's words for: this was not appended, and will not be. */
const REFUSALS = new Set([
  'NOT_ENOUGH_REPLICAS',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_REQUIRED_ACKS',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
]);
/** The connection was never made: no request went out. */
const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN']);

/** BUS_UNAVAILABLE only where each of the attempts surely came to nothing. */
function sendFault(error: unknown): Fault {
  const reasons = [...leavesOf(error)].filter(({ cause }) => cause === undefined);
  const isSurelyNot =
    reasons.length > 0 &&
    reasons.every(
      (leaf) => REFUSALS.has(wordOf(leaf, 'apiId') ?? '') || UNREACHED.has(wordOf(leaf, 'code') ?? ''),
    );
  const words = [...new Set(reasons.map(({ message }) => message))].join('; ');
  return new Fault(isSurelyNot ? 'BUS_UNAVAILABLE' : 'COMMAND_IN_DOUBT', words, { cause: error });
}
