/** Writes the journals of several shards as their engines would: a past at once, or prepared rows at a fixed rate. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/database/database.ts';
import type { SealedBatch } from '../../src/journal/journal.ts';
import { PostgresJournal } from '../../src/journal/postgres.ts';
import { Author } from '../recovery/history.ts';
import { serve } from '../run/child.ts';

export interface FeedPlace {
  readonly url: string;
  readonly shards: readonly string[];
}
export interface Feed {
  readonly ordersASecond: number;
  readonly seconds: number;
}

interface Line {
  readonly journal: PostgresJournal;
  readonly author: Author;
}

const INSTRUMENTS = 12;
/** A past is written in large rows; an engine at some thousand orders a second commits such as these. */
const COMMANDS_A_ROW = { past: 1_000, steady: 40 };
const ORDERS_A_SHARD = 1e9;

let database: Database | undefined;
const lines: Line[] = [];
let prepared: readonly (readonly SealedBatch[])[] = [];

async function open({ url, shards }: FeedPlace): Promise<void> {
  database = await openDatabase({ dataDir: '', url, exclusive: false });
  for (const [i, shard] of shards.entries()) {
    const journal = new PostgresJournal(database, shard);
    const { epoch } = await journal.claim();
    const begin = 1_000 * Date.now();
    lines.push({
      journal,
      author: new Author({ shard, epoch, instruments: INSTRUMENTS, begin, from: i * ORDERS_A_SHARD }),
    });
  }
}

/** `orders` in all, as fast as they are committed. */
async function past(orders: number): Promise<void> {
  const share = Math.ceil(orders / lines.length);
  await Promise.all(
    lines.map(({ journal, author }) =>
      author.write(share, COMMANDS_A_ROW.past, (row) => journal.append(row)),
    ),
  );
}

/** Makes the rows that {@link feed} will append. */
async function prepare({ ordersASecond, seconds }: Feed): Promise<void> {
  const share = Math.ceil((ordersASecond * seconds) / lines.length);
  prepared = await Promise.all(
    lines.map(async ({ author }) => {
      const rows: SealedBatch[] = [];
      await author.write(share, COMMANDS_A_ROW.steady, async (row) => {
        rows.push(row);
      });
      return rows;
    }),
  );
}

/** Appends each row when it is due, or as soon after that as the ones before are committed. Returns seconds. */
async function feed({ seconds }: Feed): Promise<number> {
  const started = performance.now();
  await Promise.all(
    lines.map(async ({ journal }, i) => {
      const rows = prepared[i] ?? [];
      for (const [n, row] of rows.entries()) {
        const waitMs = started + (1000 * seconds * n) / rows.length - performance.now();
        if (waitMs >= 1) await sleep(waitMs);
        await journal.append(row);
      }
    }),
  );
  return (performance.now() - started) / 1000;
}

serve({ open, past, prepare, feed }, async () => {
  await Promise.all(lines.map(({ journal }) => journal.close()));
  await database?.close();
});
