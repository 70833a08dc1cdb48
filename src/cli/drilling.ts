/** The drill itself: a backup becomes a scratch database, is proven there, and is held against the live journal. */
import type { DrilledShard, DrillReport, DrillTimes } from '../backup/drill-report.ts';
import { type InspectedShard, type Inspection, inspect } from '../backup/inspection.ts';
import type { Secret } from '../backup/keys.ts';
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Journal } from '../journal/journal.ts';
import { type Connections, journalIn, restoreTargetAt, shardsThere, snapshotsIn } from '../main/tools.ts';
import { fold } from '../sequencer/fold.ts';
import { stateHash } from '../sequencer/snapshots.ts';
import { undoOnInterrupt } from './ending.ts';
import type { KeptBackup } from './kept-backup.ts';
import { buildViews, proveRestored } from './restored.ts';
import { ScratchSchema } from './scratch-schema.ts';
import { holdAgainst } from './verify-checkpoints.ts';

export interface DrillOptions {
  readonly backup: KeptBackup;
  readonly secret: Secret | undefined;
  /** Where the scratch schema is made. */
  readonly scratchUrl: string;
  /** What trading runs on; undefined: it cannot be reached, as after a disaster. */
  readonly live: Connections | undefined;
  /** Signed checkpoints to hold the restored journal against. */
  readonly checkpoints: string | undefined;
  readonly publicKey: string | undefined;
  readonly tell: (what: string, position: number, end: number) => void;
}

const SCHEMA = 'itirp_drill';
const NO_TIMES: DrillTimes = {
  restoreSeconds: null,
  proveSeconds: null,
  recoverSeconds: null,
  viewsSeconds: null,
};

/** Whatever is wrong with the backup is in the report. @throws Fault what has nothing to do with it */
export async function drill(options: DrillOptions): Promise<DrillReport> {
  const scratch = await ScratchSchema.make(options.scratchUrl, SCHEMA);
  const leave = undoOnInterrupt(() => scratch.drop()); // a half-made copy of everything must not be left behind
  try {
    return await new Drill(options, scratch).run();
  } catch (error) {
    if (!(error instanceof Fault) || !OF_THE_BACKUP.has(error.code)) throw error;
    return failed(options.backup.name, error.detail ?? error.message);
  } finally {
    await scratch.drop();
    leave();
  }
}

const OF_THE_BACKUP: ReadonlySet<string> = new Set([
  'BACKUP_INVALID',
  'JOURNAL_CORRUPT',
  'MIGRATION_UNKNOWN',
]);

/** A report on a backup that does not even read. */
export const failed = (backup: string, wrong: string): DrillReport => ({
  isGood: false,
  wrong,
  backup,
  takenAt: 'unknown',
  at: new Date().toISOString(),
  shards: [],
  provenSnapshots: 0,
  provenCheckpoints: 0,
  times: NO_TIMES,
});

class Drill {
  readonly #options: DrillOptions;
  readonly #scratch: ScratchSchema;
  #provenCheckpoints = 0;

  constructor(options: DrillOptions, scratch: ScratchSchema) {
    this.#options = options;
    this.#scratch = scratch;
  }

  async run(): Promise<DrillReport> {
    const { backup, secret, scratchUrl, tell } = this.#options;
    const [inspection, restoreSeconds] = await timed(() =>
      inspect(backup.vault.read(backup.name), {
        secret,
        target: restoreTargetAt(scratchUrl, SCHEMA),
        onProgress: (shard, position, end) => tell(`restoring ${shard}`, position, end),
      }),
    );
    if (inspection.shards.length === 0) throw invalid('it holds no shard: nobody can trade on it');
    const [, proveSeconds] = await timed(() => proveRestored(this.#scratch, inspection, tell));
    const [, recoverSeconds] = await timed(() => this.#recover(inspection));
    const shards = await this.#compare(inspection); // before the views, which nobody waits for
    const [, viewsSeconds] = await timed(() => buildViews(this.#scratch, inspection, tell));
    await this.#holdAgainstCheckpoints();
    return {
      isGood: true,
      wrong: undefined,
      backup: backup.name,
      takenAt: inspection.manifest.takenAt,
      at: new Date().toISOString(),
      shards,
      provenSnapshots: inspection.provenSnapshots,
      provenCheckpoints: this.#provenCheckpoints,
      times: { restoreSeconds, proveSeconds, recoverSeconds, viewsSeconds },
    };
  }

  /** As an engine does at its start, from the newest snapshot. */
  async #recover({ shards }: Inspection): Promise<void> {
    for (const { shard, stateHash: expected } of shards) {
      const { state } = await fold({
        journal: journalIn(this.#scratch, shard),
        snapshots: snapshotsIn(this.#scratch, shard),
      });
      if (!stateHash(state).equals(expected))
        throw invalid(`${shard} recovers to another state than its facts`);
    }
  }

  /** Checkpoints beyond its end were signed after the backup was taken. */
  async #holdAgainstCheckpoints(): Promise<void> {
    const { checkpoints, publicKey, tell } = this.#options;
    if (checkpoints === undefined) return;
    for (const { shard, proven, wrong } of await holdAgainst(this.#scratch, checkpoints, publicKey, tell)) {
      if (wrong !== undefined) throw invalid(`the checkpoints of ${shard}: ${wrong}`);
      this.#provenCheckpoints += proven;
    }
  }

  async #compare({ shards, manifest }: Inspection): Promise<readonly DrilledShard[]> {
    const compared: DrilledShard[] = [];
    for (const inspected of shards) {
      const { shard, head } = inspected;
      const kept = manifest.heads.find((announced) => announced.shard === shard)?.recordedAt ?? undefined;
      const live = await this.#liveEnd(inspected);
      compared.push({
        shard,
        position: head.position,
        stateHash: inspected.stateHash.toString('hex'),
        livePosition: live?.position ?? null,
        lostFacts: live === undefined ? null : live.position - head.position,
        lostSeconds: lostSeconds(kept, live),
      });
    }
    return [...compared, ...(await this.#lostShards(shards))];
  }

  /** Shards of the live database that came after the backup: all of their facts would be lost. */
  async #lostShards(shards: readonly InspectedShard[]): Promise<readonly DrilledShard[]> {
    const { live } = this.#options;
    const there = live === undefined ? [] : await shardsThere(live);
    const lost: DrilledShard[] = [];
    for (const shard of there.filter((each) => !shards.some((known) => known.shard === each))) {
      const journal = journalIn(live ?? this.#scratch, shard);
      const { position } = await journal.head();
      if (position === 0) continue;
      const [first, newest] = [await recordedAt(journal, 1), await recordedAt(journal, position)];
      const facts = { position: 0, stateHash: 'none', livePosition: position, lostFacts: position };
      lost.push({ shard, ...facts, lostSeconds: Math.max(0, newest - first) / 1e6 });
    }
    return lost;
  }

  /** @throws Fault BACKUP_INVALID: what was restored is not the beginning of the live journal */
  async #liveEnd({ shard, head }: InspectedShard): Promise<LiveEnd | undefined> {
    if (this.#options.live === undefined) return undefined;
    const journal = journalIn(this.#options.live, shard);
    const end = await journal.head();
    if (end.position < head.position) throw invalid(`the live journal of ${shard} ends before the backup`);
    if (end.position === 0) return { position: end.position, oldestAt: undefined, newestAt: undefined };
    if (head.position > 0) {
      for await (const row of journal.read((head.position - 1) as Position)) {
        if (head.hash?.equals(row.hash) === true) break;
        throw invalid(`the live journal of ${shard} has another history than the backup`);
      }
    }
    const [oldestAt, newestAt] = [await recordedAt(journal, 1), await recordedAt(journal, end.position)];
    return { position: end.position, oldestAt, newestAt };
  }
}

interface LiveEnd {
  readonly position: Position;
  /** When its first fact was recorded, in UTC microseconds; undefined: there is none. */
  readonly oldestAt: number | undefined;
  readonly newestAt: number | undefined;
}

/** Null: nobody knows. `kept`: when the newest fact in the backup was recorded; undefined: it has none. */
function lostSeconds(kept: number | undefined, live: LiveEnd | undefined): number | null {
  if (live?.position === 0) return 0; // there is nothing to lose
  const since = kept ?? live?.oldestAt; // a backup without a fact of it loses all of its time
  if (since === undefined) return null;
  const newest = live?.newestAt ?? Date.now() * 1000;
  return Math.max(0, newest - since) / 1e6;
}

/** When the fact at `position` was recorded, in UTC microseconds. */
async function recordedAt(journal: Pick<Journal, 'read'>, position: number): Promise<number> {
  for await (const row of journal.read((position - 1) as Position)) return row.recordedAt;
  throw new Fault('JOURNAL_CORRUPT', `no row is at ${position}`);
}

const invalid = (says: string): Fault => new Fault('BACKUP_INVALID', says);

async function timed<Result>(work: () => Promise<Result>): Promise<readonly [Result, number]> {
  const began = performance.now();
  const result = await work();
  return [result, (performance.now() - began) / 1000];
}
