/** Several processes behind one port: a first one that only starts, counts and stops the others. */
import cluster, { type Worker } from 'node:cluster';
import type { Log } from '../telemetry/log.ts';

/** A worker that ends sooner than this after its start is not started again at once, in milliseconds. */
const YOUNG_MS = 5_000;
/** So many young ends in a row, and something is wrong that starting again does not mend. */
const YOUNG_ENDS_MAX = 3;

/** Is this process one of the workers? */
export const isWorker = (): boolean => cluster.isWorker;

/** Keeps `count` workers alive, each this same program again, until {@link stop}. */
export class Workers {
  readonly #count: number;
  readonly #log: Log;
  readonly #startedAt = new Map<Worker, number>();
  /** Hears that workers end as soon as they are started. */
  readonly #onBroken: () => void;
  #youngEnds = 0;
  #isStopping = false;
  #whenGone: (() => void) | undefined;

  constructor(count: number, log: Log, onBroken: () => void) {
    this.#count = count;
    this.#log = log;
    this.#onBroken = onBroken;
  }

  start(): void {
    cluster.on('exit', (worker, code, signal) => this.#ended(worker, code, signal));
    for (let i = 0; i < this.#count; i += 1) this.#fork();
  }

  /** Resolves when the last one is gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#startedAt.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenGone = resolve;
    for (const worker of this.#startedAt.keys()) worker.process.kill('SIGTERM');
    await promise;
  }

  #fork(): void {
    this.#startedAt.set(cluster.fork(), performance.now());
  }

  #ended(worker: Worker, code: number | null, signal: string | null): void {
    const livedMs = performance.now() - (this.#startedAt.get(worker) ?? 0);
    this.#startedAt.delete(worker);
    if (this.#isStopping) {
      if (this.#startedAt.size === 0) this.#whenGone?.();
      return;
    }
    this.#log.warn({ pid: worker.process.pid, code, signal }, 'a worker ended; another one takes its place');
    this.#youngEnds = livedMs < YOUNG_MS ? this.#youngEnds + 1 : 0;
    if (this.#youngEnds >= YOUNG_ENDS_MAX) this.#onBroken();
    else this.#fork();
  }
}
