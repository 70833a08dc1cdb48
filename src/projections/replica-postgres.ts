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

  /**
   * What `ask` reads of a copy that holds all of `atLeast`; undefined: not here. Never rejects. Both questions go over
   * one connection: behind one address there may be several standbys, each as far as it is.
   */
  async read<Answer>(
    atLeast: Positions,
    ask: (client: pg.ClientBase) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const { pool, lagMs } = this.#reads;
    if (lagMs === Number.POSITIVE_INFINITY || performance.now() < this.#shunnedUntilMs) return undefined;
    let client: pg.PoolClient | undefined;
    try {
      client = await pool.connect();
      const answer = (await holds(client, atLeast)) ? await ask(client) : undefined;
      client.release();
      return answer;
    } catch {
      client?.release(true);
      this.#shunnedUntilMs = performance.now() + SHUN_MS; // it did not answer: leave it alone for a while
      return undefined; // whatever it is, the primary says the same, or knows better
    }
  }
}

async function holds(client: pg.ClientBase, atLeast: Positions): Promise<boolean> {
  const { rows } = await client.query<{ shard: string; position: bigint }>({
    name: 'replica',
    text: 'select shard, position from projection_positions where name = $1',
    values: [PROJECTION],
  });
  const stands = new Map(rows.map(({ shard, position }) => [shard, Number(position)]));
  return [...atLeast].every(([shard, position]) => (stands.get(shard) ?? 0) >= position);
}
