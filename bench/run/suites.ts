/** Every benchmark there is, each loaded only when it is run. */
import type { Suite } from './suite.ts';

/** In the order they are run. */
export const SUITES = [
  'core',
  'durable',
  'http',
  'telemetry',
  'recovery',
  'memory',
  'drill',
  'storage',
  'tuning',
  'nodes',
] as const;
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
    case 'telemetry':
      return (await import('../telemetry/telemetry.ts')).telemetry;
    case 'recovery':
      return (await import('../recovery/recovery.ts')).recovery;
    case 'memory':
      return (await import('../memory/memory.ts')).memory;
    case 'drill':
      return (await import('../drill/drill.ts')).drill;
    case 'storage':
      return (await import('../storage/storage.ts')).storage;
    case 'tuning':
      return (await import('../tuning/tuning.ts')).tuning;
    case 'nodes':
      return (await import('../nodes/nodes.ts')).nodes;
  }
}
