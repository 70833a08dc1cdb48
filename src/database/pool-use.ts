/** How busy each pool of connections is, by the name that its connections bear. */
import type pg from 'pg';

export interface PoolUse {
  /** As the code names it: no caller has a say in it. */
  readonly pool: string;
  readonly busy: number;
  readonly idle: number;
  /** Askers that wait for a connection. */
  readonly waiting: number;
  readonly max: number;
}

/** Pools of one name are one: each shard of a process opens some of its own. */
export function poolUse(pools: readonly pg.Pool[]): readonly PoolUse[] {
  const uses = new Map<string, PoolUse>();
  for (const { totalCount, idleCount, waitingCount, options } of pools) {
    const pool = (options.application_name ?? 'itirp').replace(/^itirp /, '').replaceAll(' ', '_');
    const known = uses.get(pool) ?? { pool, busy: 0, idle: 0, waiting: 0, max: 0 };
    uses.set(pool, {
      pool,
      busy: known.busy + totalCount - idleCount,
      idle: known.idle + idleCount,
      waiting: known.waiting + waitingCount,
      max: known.max + (options.max ?? 0),
    });
  }
  return [...uses.values()];
}
