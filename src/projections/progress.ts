/** How far the views have come, and waiting for them to come further. */
import type { Position } from '../core/values/names.ts';

export interface Progress {
  /** The last fact whose rows are committed. */
  readonly position: Position;
  /** Calls `listener` at each step forward. Returns how to stop. */
  onProgress(listener: (position: Position) => void): () => void;
}

/** A progress that somebody reports to, and that many may wait on. */
export class ReportedProgress implements Progress {
  #position = 0 as Position;
  readonly #listeners = new Set<(position: Position) => void>();

  get position(): Position {
    return this.#position;
  }

  onProgress(listener: (position: Position) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  report(position: Position): void {
    if (position <= this.#position) return;
    this.#position = position;
    for (const listener of [...this.#listeners]) listener(position);
  }
}

/** Resolves true once `progress` stands at `position` or beyond, false when that takes longer than `waitMs`. */
export async function reached(progress: Progress, position: Position, waitMs: number): Promise<boolean> {
  if (progress.position >= position) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), waitMs);
  const stop = progress.onProgress((at) => {
    if (at >= position) resolve(true);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    stop();
  }
}
