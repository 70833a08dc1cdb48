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

/** In the order they are run. */
export const SUITES = ['core', 'durable', 'http', 'recovery', 'memory'] as const;
export type SuiteName = (typeof SUITES)[number];

/** The benchmark of that name. */
export async function suiteOf(name: SuiteName): Promise<Suite> {
  switch (name) {
    case 'core':
      return (await import('../core/core.ts')).core;
    case 'durable':
      return (await import('../durable/durable.ts')).durable;
    case 'http':
      return (await import('../http/http.ts')).http;
    case 'recovery':
      return (await import('../recovery/recovery.ts')).recovery;
    case 'memory':
      return (await import('../memory/memory.ts')).memory;
  }
}
