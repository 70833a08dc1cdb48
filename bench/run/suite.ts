/** What a benchmark is: a name and a run that gives figures. Each runs in a process of its own. */
import type { Figure } from './figure.ts';

export interface Scale {
  /** Everything small and once: shows that the benchmark works, and measures nothing worth telling. */
  readonly isQuick: boolean;
  /** Of `full` when measuring; of `quick` when only trying. */
  pick<T>(full: T, quick: T): T;
}

export const scaleOf = (isQuick: boolean): Scale => ({
  isQuick,
  pick: (full, quick) => (isQuick ? quick : full),
});

export interface Suite {
  run(scale: Scale, tell: (progress: string) => void): Promise<readonly Figure[]>;
}
