/** One way of one connection: what comes out of `source` goes into `sink`, when the link's fault lets it. */
import type { Socket } from 'node:net';
import { isCut, type LinkFault, type Way } from './link-fault.ts';

/** Held at most before the sender is made to wait, in bytes. */
const HELD_BYTES_MAX = 1_048_576;

interface Held {
  /** Undefined: the source's end. */
  readonly bytes: Buffer | undefined;
  /** When it may arrive, by the process's own clock in milliseconds. */
  readonly dueAt: number;
}

export class Pipe {
  /** Bytes that arrived. */
  bytes = 0;
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #way: Way;
  readonly #held: Held[] = [];
  #heldBytes = 0;
  #fault: LinkFault;
  #lastDueAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The source broke off: the sink hears of it once all that was sent before has arrived. */
  #isBroken = false;

  constructor(source: Socket, sink: Socket, way: Way, fault: LinkFault) {
    this.#source = source;
    this.#sink = sink;
    this.#way = way;
    this.#fault = fault;
    source.on('data', (bytes: Buffer) => this.#hold(bytes));
    source.on('end', () => this.#hold(undefined));
    source.on('close', () => {
      this.#isBroken = true;
      this.#flush();
    });
    sink.on('drain', () => this.#flush());
  }

  setFault(fault: LinkFault): void {
    this.#fault = fault;
    this.#flush();
  }

  #hold(bytes: Buffer | undefined): void {
    this.#held.push({ bytes, dueAt: this.#dueAt(bytes?.length ?? 0) });
    this.#heldBytes += bytes?.length ?? 0;
    if (this.#heldBytes > HELD_BYTES_MAX) this.#source.pause();
    this.#flush();
  }

  #dueAt(length: number): number {
    const now = performance.now();
    if (this.#fault.kind !== 'slow') return now;
    const { latencyMs, bytesPerSecond } = this.#fault;
    this.#lastDueAt = Math.max(this.#lastDueAt, now + latencyMs) + (length / bytesPerSecond) * 1000;
    return this.#lastDueAt;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    while (!isCut(this.#fault, this.#way) && !this.#sink.writableNeedDrain) {
      const next = this.#held[0];
      if (next === undefined) return this.#settle();
      const waitMs = next.dueAt - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#flush(), waitMs);
        return;
      }
      this.#held.shift();
      this.#deliver(next.bytes);
    }
  }

  #deliver(bytes: Buffer | undefined): void {
    if (this.#sink.destroyed) return;
    if (bytes === undefined) {
      this.#sink.end();
      return;
    }
    this.#heldBytes -= bytes.length;
    this.bytes += bytes.length;
    this.#sink.write(bytes);
  }

  /** All that was held has arrived. */
  #settle(): void {
    if (this.#isBroken) this.#sink.destroySoon();
    else if (this.#source.isPaused()) this.#source.resume();
  }
}
