/** What is done with a database that was made of a backup: proven once more from what it says now, its views built. */
import type { Inspection } from '../backup/inspection.ts';
import { Fault } from '../faults/fault.ts';
import { isSameHead } from '../journal/chain.ts';
import { type Connections, journalIn, snapshotsIn } from '../main/tools.ts';
import { prove } from '../sequencer/proof.ts';
import { catchUpViews } from './derive.ts';

type Tell = (what: string, position: number, end: number) => void;

/** Chain, end and snapshots of every shard. @throws Fault BACKUP_INVALID */
export async function proveRestored(
  database: Connections,
  { shards }: Pick<Inspection, 'shards'>,
  tell: Tell,
): Promise<void> {
  for (const { shard, head } of shards) {
    const { journal, wrongSnapshots } = await prove(
      journalIn(database, shard),
      snapshotsIn(database, shard),
      ({ position, end }) => tell(`proving ${shard}`, position, end),
    );
    if (!journal.isSound) throw invalid(`${shard} at position ${journal.position}: ${journal.wrong}`);
    if (!isSameHead(journal.head, head)) throw invalid(`${shard} ends elsewhere than in the backup`);
    const [wrong] = wrongSnapshots;
    if (wrong !== undefined) throw invalid(`the snapshot of ${shard} at ${wrong.position}: ${wrong.wrong}`);
  }
}

/** Builds the read models of every shard. */
export async function buildViews(
  database: Connections,
  { shards }: Pick<Inspection, 'shards'>,
  tell: Tell,
): Promise<void> {
  const pool = database.pool({
    connectionsMax: 2,
    statementTimeoutMs: 0,
    applicationName: 'itirp read models',
  });
  const sources = shards.map(({ shard }) => ({ shard, journal: journalIn(database, shard) }));
  await catchUpViews(pool, sources, (shard, position, end) =>
    tell(`rebuilding the read models of ${shard}`, position, end),
  );
}

const invalid = (says: string): Fault => new Fault('BACKUP_INVALID', says);
