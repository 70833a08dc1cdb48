/**
 * Start-up: how fast the journal's facts come back into the core, and how long a start from a snapshot takes.
 *
 * Expected: a fact costs about 0.5 µs to evolve, 0.5 µs to decode and, read by COPY, 0.1 µs to fetch and hash (90
 * bytes): near a million a second from memory, a little less from PostgreSQL. A snapshot after 1,000,000 finished
 * orders is their client order ids and execution ids, about 50 MB: fetched, decompressed, hashed and restored at
 * some 200 MB a second, beside the 0.3 s that Node takes to start: well under a second.
 */
import { PostgresJournal } from '../../src/journal/postgres.ts';
import { PostgresSnapshots } from '../../src/journal/snapshots-postgres.ts';
import { snapshotOf } from '../../src/sequencer/snapshots.ts';
import { Child } from '../run/child.ts';
import { withDatabase } from '../run/database.ts';
import { type Figure, figureOf } from '../run/figure.ts';
import type { Scale, Suite } from '../run/suite.ts';
import { type Past, writeHistory } from './history.ts';
import type { Replayed, Started } from './recovery-process.ts';

const EVENTS_A_SECOND_MIN = 500_000;
const START_SECONDS_MAX = 3;
const SHARD = 'bench';

interface Turn {
  readonly fromPostgres: Replayed;
  readonly fromMemory: Replayed;
  readonly start: Started & { readonly seconds: number };
}

export const recovery: Suite = {
  run: async (scale, tell) =>
    await withDatabase(async ({ database }) => {
      const past: Past = { orders: scale.pick(1_000_000, 2_000), instruments: 12 };
      tell(`writing a past of ${past.orders} orders`);
      const journal = new PostgresJournal(database, SHARD);
      const state = await writeHistory(journal, SHARD, past);
      const head = await journal.head();
      await journal.close();
      const snapshot = snapshotOf(state, head);
      const pool = database.pool({ statementTimeoutMs: 0 });
      await new PostgresSnapshots(pool, SHARD).save(snapshot);

      const turns: Turn[] = [];
      const count = scale.pick(5, 1);
      for (let turn = 0; turn < count; turn++) {
        tell(`turn ${turn + 1} of ${count}`);
        turns.push(await measure(database.url));
      }
      return figuresOf(turns, snapshot.body.length, scale);
    }),
};

async function measure(url: string): Promise<Turn> {
  const place = { url, shard: SHARD };
  const fromPostgres = await withChild((child) => child.ask<Replayed>('replayFromPostgres', place));
  const fromMemory = await withChild((child) => child.ask<Replayed>('replayFromMemory', place));
  const began = performance.now();
  const start = await withChild(async (child) => {
    const started = await child.ask<Started>('start', place);
    return { ...started, seconds: (performance.now() - began) / 1000 };
  });
  return { fromPostgres, fromMemory, start };
}

async function withChild<T>(work: (child: Child) => Promise<T>): Promise<T> {
  const child = Child.start(new URL('./recovery-process.ts', import.meta.url));
  try {
    return await work(child);
  } finally {
    await child.stop();
  }
}

function figuresOf(turns: readonly Turn[], snapshotBytes: number, scale: Scale): readonly Figure[] {
  const rate = ({ events, seconds }: Replayed) => events / seconds;
  const target = { atLeast: EVENTS_A_SECOND_MIN };
  const events = turns[0]?.fromPostgres.events ?? 0;
  return [
    figureOf(
      'replay from PostgreSQL: read, check the chain, decode, fold',
      'events/s',
      turns.map(({ fromPostgres }) => rate(fromPostgres)),
      { target, note: `${events.toLocaleString('en-US')} events` },
    ),
    figureOf(
      'replay from memory: check the chain, decode, fold',
      'events/s',
      turns.map(({ fromMemory }) => rate(fromMemory)),
      { target },
    ),
    figureOf(
      `start from a snapshot after ${scale.pick('1,000,000', 'a few')} orders`,
      's',
      turns.map(({ start }) => start.seconds),
      {
        target: { atMost: START_SECONDS_MAX },
        note: `from the process’s first instruction to taking commands; ${Math.round(snapshotBytes / 1e6)} MB`,
      },
    ),
    figureOf(
      '… of which the sequencer’s start',
      's',
      turns.map(({ start }) => start.recoverySeconds),
    ),
  ];
}
