/** Has snapshots made while the platform runs: by another thread that reads the journal, never by the writer. */
import { Worker } from 'node:worker_threads';
import type { Position } from '../core/values/names.ts';
import type { Journal, Snapshots } from '../journal/journal.ts';
import type { Engine } from './engine.ts';
import { fold } from './fold.ts';
import { snapshotOf } from './snapshots.ts';

/**
 * What the other thread does: folds the journal's committed facts from the newest snapshot on, and keeps what came
 * of it. Resolves with the new snapshot's position. @throws Fault JOURNAL_UNAVAILABLE, JOURNAL_CORRUPT
 */
export async function makeSnapshot(journal: Journal, snapshots: Snapshots): Promise<Position> {
  const { state, head, snapshotPosition } = await fold({ journal, snapshots });
  if (head.position > snapshotPosition) await snapshots.save(snapshotOf(state, head));
  return head.position;
}

export interface SnapshotterOptions {
  /** Facts between two snapshots. */
  readonly every: number;
  /** The thread's module: opens the adapters that `workerData` describes, calls {@link makeSnapshot} and ends. */
  readonly worker: URL;
  readonly workerData: unknown;
  /** A snapshot that was not made costs only time at the next start. */
  readonly onWarning: (says: string, cause: unknown) => void;
}

export class Snapshotter {
  readonly #engine: Engine;
  readonly #options: SnapshotterOptions;
  #last: Position;
  #worker: Worker | undefined;
  #unsubscribe: (() => void) | undefined;

  /** Counts from `snapshotPosition`, that of the newest snapshot. */
  constructor(engine: Engine, snapshotPosition: Position, options: SnapshotterOptions) {
    this.#engine = engine;
    this.#last = snapshotPosition;
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#engine.subscribe(({ lastPosition }) => this.#see(lastPosition));
    this.#see(this.#engine.position);
  }

  /** Ends a snapshot that is being made, too: it would outlive what it needs. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    await this.#worker?.terminate();
  }

  #see(position: Position): void {
    if (this.#worker !== undefined || position - this.#last < this.#options.every) return;
    this.#last = position;
    const worker = new Worker(this.#options.worker, { workerData: this.#options.workerData });
    this.#worker = worker;
    worker.once('error', (error) => this.#options.onWarning('no snapshot was made', error));
    worker.once('exit', () => {
      this.#worker = undefined;
    });
  }
}
