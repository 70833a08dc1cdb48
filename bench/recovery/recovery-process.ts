/** A start in a process of its own: cold, as a start is. */
import { initialState } from '../../src/core/state.ts';
import { assert } from '../../src/core/values/assert.ts';
import type { Position } from '../../src/core/values/names.ts';
import { openPool } from '../../src/database/pool.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { MemoryJournal, MemoryStore } from '../../src/journal/memory.ts';
import { PostgresJournal } from '../../src/journal/postgres.ts';
import { PostgresSnapshots } from '../../src/journal/snapshots-postgres.ts';
import { SystemClock } from '../../src/sequencer/clock.ts';
import { fold } from '../../src/sequencer/fold.ts';
import { Sequencer } from '../../src/sequencer/sequencer.ts';
import { serve } from '../run/child.ts';

export interface Place {
  readonly url: string;
  readonly shard: string;
}

export interface Replayed {
  readonly events: number;
  readonly seconds: number;
}

export interface Started {
  readonly position: number;
  readonly recoverySeconds: number;
}

const pools = (url: string) => ({
  url,
  pool: () => openPool(url, { statementTimeoutMs: 0 }),
});

async function replay(journal: Journal): Promise<Replayed> {
  globalThis.gc?.();
  const started = performance.now();
  const { head, state } = await fold({ journal, snapshots: undefined });
  const seconds = (performance.now() - started) / 1000;
  assert(state.instruments.size > initialState().instruments.size, 'something was folded');
  return { events: head.position, seconds };
}

const replayFromPostgres = ({ url, shard }: Place): Promise<Replayed> =>
  replay(new PostgresJournal(pools(url), shard));

async function replayFromMemory({ url, shard }: Place): Promise<Replayed> {
  const store = new MemoryStore();
  for await (const row of new PostgresJournal(pools(url), shard).read(0 as Position)) store.rows.push(row);
  return await replay(new MemoryJournal(store));
}

/** What `serve` does before it opens the doors. */
async function start({ url, shard }: Place): Promise<Started> {
  const began = performance.now();
  const sequencer = new Sequencer({
    shard,
    journal: new PostgresJournal(pools(url), shard),
    snapshots: new PostgresSnapshots(pools(url).pool(), shard),
    clock: new SystemClock(),
    onFatal: (error) => {
      throw error;
    },
  });
  await sequencer.start();
  const recoverySeconds = (performance.now() - began) / 1000;
  assert(sequencer.snapshotPosition === sequencer.position, 'it began with the snapshot');
  return { position: sequencer.position, recoverySeconds };
}

serve({ replayFromPostgres, replayFromMemory, start });
