/** The handle on a reader of the journal: starts its thread, wakes it, and knows how far it has come. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { type Progress, ReportedProgress } from './progress.ts';
import type { FromReader, ReaderTask, ToReader } from './reader-messages.ts';

const YOUNG_MB = 64;

export interface ReaderThreadOptions<Own> extends Omit<ReaderTask<Own>, 'newest'> {
  /** What it is called, before its shard. */
  readonly name: string;
  /** The file the thread runs: it calls `serveReader`. */
  readonly entry: URL;
  /** An outage that the reader waits out by itself. */
  readonly onTrouble?: (fault: Fault, retryMs: number) => void;
  /** The thread is gone without having been told to. What it has done stays as it was. */
  readonly onDeath?: (error: Error) => void;
}

export class ReaderThread<Own> implements Progress {
  readonly #options: ReaderThreadOptions<Own>;
  readonly #progress = new ReportedProgress();
  #worker: Worker | undefined;
  #exited: Promise<unknown> | undefined;
  /** The newest fact that there is; the thread looks at it too. */
  readonly #newest = new BigInt64Array(new SharedArrayBuffer(8));
  /** A poke is on its way or being worked on: another one would tell nothing. */
  #isPoked = true;
  #isStopping = false;
  /** It has said where it stands. */
  #isKnown = false;
  #trouble: Fault | undefined;

  constructor(options: ReaderThreadOptions<Own>) {
    this.#options = options;
  }

  start(): void {
    if (this.#worker !== undefined) return;
    const { name, entry, url, shard, own } = this.#options;
    const task: ReaderTask<Own> = { url, shard, own, newest: this.#newest.buffer };
    const worker = new Worker(entry, {
      workerData: task,
      name: `${name} ${shard}`,
      // What it makes lives until it is written: room for them spares copying them about.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#exited = once(worker, 'exit').catch(() => {});
    worker.on('message', (message: FromReader) => this.#hear(message));
    worker.on('error', (error: Error) => this.#died(error));
    worker.on('exit', () => this.#died(new Error(`the ${name} of ${shard} ended`)));
    this.#worker = worker;
  }

  /** There are facts up to `position`. Costs next to nothing: a busy reader is not told again. */
  poke(position: Position): void {
    const newest = Math.max(position, this.#newestPosition) as Position;
    Atomics.store(this.#newest, 0, BigInt(newest));
    if (this.#isPoked || newest <= this.position) return;
    this.#isPoked = true;
    this.#say({ kind: 'poke', position: newest });
  }

  /** The last fact that its work is done for. */
  get position(): Position {
    return this.#progress.position;
  }

  /** How many facts it is behind the newest that was told of; undefined: it has not said yet where it stands. */
  get lag(): number | undefined {
    return this.#isKnown ? Math.max(0, this.#newestPosition - this.position) : undefined;
  }

  /** The outage it is waiting out; undefined when all is well. */
  get trouble(): Fault | undefined {
    return this.#trouble;
  }

  /** Is the thread there to do its work (be it waiting out an outage)? */
  get isAlive(): boolean {
    return this.#worker !== undefined;
  }

  onProgress(listener: (position: Position) => void): () => void {
    return this.#progress.onProgress(listener);
  }

  /** Ends after what is under way; resolves when the thread is gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#say({ kind: 'stop' });
    await this.#exited;
  }

  get #newestPosition(): Position {
    return Number(Atomics.load(this.#newest, 0)) as Position;
  }

  #say(message: ToReader): void {
    this.#worker?.postMessage(message);
  }

  #hear(message: FromReader): void {
    switch (message.kind) {
      case 'reached':
        return this.#stands(message.position);
      case 'idle':
        this.#stands(message.position);
        this.#isPoked = false;
        return this.poke(this.#newestPosition);
      case 'trouble':
        this.#trouble = new Fault(message.code, message.detail);
        return this.#options.onTrouble?.(this.#trouble, message.retryMs);
      case 'failed':
        return this.#died(new Fault(message.code, message.detail));
    }
  }

  #stands(position: Position): void {
    this.#trouble = undefined;
    this.#isKnown = true;
    this.#progress.report(position);
  }

  #died(error: Error): void {
    if (this.#worker === undefined) return;
    this.#worker = undefined;
    if (!this.#isStopping) this.#options.onDeath?.(error);
  }
}
