/** What a process shows of itself, whatever its roles: its version, whether it is ready, and how busy its pools are. */
import type { Database } from '../database/database.ts';
import { type PoolUse, poolUse } from '../database/pool-use.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Readiness } from '../telemetry/readiness.ts';
import { VERSION } from './version.ts';

/** From now on, for as long as the metrics are there. */
export function showNode(metrics: Metrics, readiness: Readiness): void {
  metrics.buildInfo.set({ version: VERSION }, 1);
  const parts = (): readonly string[] => Object.keys(readiness.reasons);
  metrics.nodeReady.ask(() => [{ labels: {}, value: parts().length === 0 ? 1 : 0 }]);
  metrics.nodeUnreadyReason.ask(() => parts().map((part) => ({ labels: { part }, value: 1 })));
}

/** Only pools of this thread: a reader's own two connections are in a thread that nobody waits in. */
export function showPools(metrics: Metrics, database: Pick<Database, 'pools'>): void {
  const each =
    <Label extends string>(read: (use: PoolUse) => readonly [Record<Label, string>, number][]) =>
    () =>
      poolUse(database.pools).flatMap((use) => read(use).map(([labels, value]) => ({ labels, value })));
  metrics.poolConnections.ask(
    each(({ pool, busy, idle }) => [
      [{ pool, state: 'busy' }, busy],
      [{ pool, state: 'idle' }, idle],
    ]),
  );
  metrics.poolWaiting.ask(each(({ pool, waiting }) => [[{ pool }, waiting]]));
  metrics.poolMax.ask(each(({ pool, max }) => [[{ pool }, max]]));
}
