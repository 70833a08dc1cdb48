/** May this program write these shards at all? Asked before it stands in line for them, so that nobody waits in vain. */
import type pg from 'pg';
import { asFault } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import { VERSION } from './codec.ts';

/** @throws Fault JOURNAL_NEWER: a program that writes a newer format has owned one of them; DATABASE_UNAVAILABLE */
export async function checkFormats(pool: Pick<pg.Pool, 'query'>, shards: readonly string[]): Promise<void> {
  const ask = 'select shard from shards where format > $1 and shard = any($2::text[]) order by shard';
  const { rows } = await pool.query<{ shard: string }>(ask, [VERSION, shards]).catch((error: unknown) => {
    throw asFault(error);
  });
  if (rows.length === 0) return;
  const newer = rows.map(({ shard }) => shard).join(', ');
  throw new Fault('JOURNAL_NEWER', `${newer}; run the newer program here too`);
}
