/** A standby that answers reads which may lag: at each read it is asked how far its copy of the views is. */
import type pg from 'pg';
import type { ReplicaReads } from '../database/replica.ts';
import type { Positions } from './reads.ts';
import { PROJECTION } from './views.ts';

/** After trouble with it, nobody tries for so long, in milliseconds. */
const SHUN_MS = 2_000;

export class Replica {
  readonly #reads: Pick<ReplicaReads, 'pool' | 'lagMs'>;
  #shunnedUntilMs = 0;

  /** `reads` knows the standby from another server, and whether it is near. */
  constructor(reads: Pick<ReplicaReads, 'pool' | 'lagMs'>) {
    this.#reads = reads;
  }

  /** Where to read what must show all of `atLeast`; undefined: not here. Never rejects. */
  async holding(atLeast: Positions): Promise<pg.Pool | undefined> {
    const { pool, lagMs } = this.#reads;
    if (lagMs === Number.POSITIVE_INFINITY || performance.now() < this.#shunnedUntilMs) return undefined;
    try {
      const { rows } = await pool.query<{ shard: string; position: bigint }>({
        name: 'replica',
        text: 'select shard, position from projection_positions where name = $1',
        values: [PROJECTION],
      });
      const stands = new Map(rows.map(({ shard, position }) => [shard, Number(position)]));
      const isThere = [...atLeast].every(([shard, position]) => (stands.get(shard) ?? 0) >= position);
      return isThere ? pool : undefined;
    } catch {
      this.shun();
      return undefined;
    }
  }

  /** It did not answer: leave it alone for a while. */
  shun(): void {
    this.#shunnedUntilMs = performance.now() + SHUN_MS;
  }
}
