/** Proves a backup while it is read: its file, every shard's chain, and the state that the facts come to. Restores on the way. */
import { evolve } from '../core/evolve.ts';
import { initialState, type State } from '../core/state.ts';
import { InvariantBroken } from '../core/values/assert.ts';
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Head, SealedBatch } from '../journal/journal.ts';
import { type Judge, verify } from '../journal/verifier.ts';
import { stateHash } from '../sequencer/snapshots.ts';
import type { ArchiveRecord, KeptSnapshot, Manifest, PartLabel, Preface } from './archive.ts';
import { nameOfPart } from './archive.ts';
import { readArchive } from './archive-reader.ts';
import { batchReader, headOf } from './journal-rows.ts';
import type { Secret } from './keys.ts';
import { rowsIn } from './row-bytes.ts';
import { SnapshotBodies } from './snapshot-bodies.ts';
import type { RestoreTarget } from './source.ts';
import { JOURNAL, SNAPSHOT_PIECES } from './tables.ts';

export interface InspectedShard {
  readonly shard: string;
  readonly head: Head;
  readonly batches: number;
  /** SHA-256 of the state that its facts come to, from zero. */
  readonly stateHash: Buffer;
}

export interface Inspection {
  readonly manifest: Manifest;
  readonly shards: readonly InspectedShard[];
  /** Snapshots that are the state of the facts before them. */
  readonly provenSnapshots: number;
}

export interface InspectOptions {
  readonly secret: Secret | undefined;
  /** Where the rows go; committed when all is proven, and only then. */
  readonly target?: RestoreTarget | undefined;
  readonly onProgress?: ((shard: string, position: number, end: number) => void) | undefined;
}

/**
 * @throws Fault BACKUP_INVALID: something in it does not hold, and nothing was restored
 * @throws Fault ARGUMENT_INVALID: the key, or a target that is not empty
 */
export async function inspect(file: AsyncIterable<Uint8Array>, options: InspectOptions): Promise<Inspection> {
  const { target } = options;
  try {
    const inspection = await new Inspector(readArchive(file, options.secret), options).run();
    await target?.commit();
    return inspection;
  } catch (error) {
    await target?.abort();
    throw error;
  }
}

class Inspector {
  readonly #records: AsyncGenerator<ArchiveRecord>;
  readonly #options: InspectOptions;
  readonly #bodies = new SnapshotBodies();
  readonly #shards: InspectedShard[] = [];
  #provenSnapshots = 0;

  constructor(records: AsyncGenerator<ArchiveRecord>, options: InspectOptions) {
    this.#records = records;
    this.#options = options;
  }

  async run(): Promise<Inspection> {
    try {
      return await this.#read();
    } finally {
      await this.#records.return(undefined);
    }
  }

  async #read(): Promise<Inspection> {
    const { target } = this.#options;
    let preface: Preface | undefined;
    for (;;) {
      const record = await this.#next();
      if (record.kind === 'preface') {
        preface = record.preface;
        await target?.open(preface);
      } else if (record.kind === 'part' && preface !== undefined) {
        await target?.begin(record.part);
        await this.#takePart(record.part, preface);
        await target?.end();
      } else if (record.kind === 'manifest') {
        const isOver = (await this.#records.next()).done === true; // only now is the whole proven
        if (!isOver) throw invalid('something stands after its manifest');
        this.#checkAllThere(record.manifest);
        return {
          manifest: record.manifest,
          shards: this.#shards,
          provenSnapshots: this.#provenSnapshots,
        };
      }
    }
  }

  async #takePart(part: PartLabel, preface: Preface): Promise<void> {
    if (part.table === JOURNAL) {
      await this.#takeJournal(part, preface);
      return;
    }
    for await (const bytes of this.#rowsOfPart()) {
      if (part.table === SNAPSHOT_PIECES) await this.#bodies.take(part.columns, bytes);
    }
  }

  /** The rows of the part under way, handed to the target before they are given out. */
  async *#rowsOfPart(): AsyncGenerator<Buffer> {
    for (;;) {
      const record = await this.#next();
      if (record.kind === 'end') return;
      if (record.kind !== 'rows') throw invalid('a part has no end');
      await this.#options.target?.rows(record.rows);
      yield record.rows.bytes;
    }
  }

  async #takeJournal(part: PartLabel, preface: Preface): Promise<void> {
    const announced = preface.heads.find(({ shard }) => shard === part.shard);
    if (announced === undefined || part.shard === null) throw invalid(`${nameOfPart(part)} is not announced`);
    const { shard } = part;
    const reckoning = new Reckoning(preface.snapshots.find((snapshot) => snapshot.shard === shard));
    const rows = this.#batches(batchReader(shard, part.columns));
    const journal = { read: once(rows), head: async () => headOf(announced) };
    const verdict = await verify(
      journal,
      ({ position, end }) => this.#options.onProgress?.(shard, position, end),
      reckoning.hear,
    );
    if (!verdict.isSound) throw invalid(`${shard} at position ${verdict.position}: ${verdict.wrong}`);
    const { head, batches } = verdict;
    this.#shards.push({ shard, head, batches, stateHash: reckoning.stateHash() });
    if (reckoning.snapshot !== undefined && this.#bodies.prove(reckoning.snapshot, reckoning.reckoned)) {
      this.#provenSnapshots += 1;
    }
  }

  async *#batches(read: ReturnType<typeof batchReader>): AsyncGenerator<SealedBatch> {
    for await (const bytes of this.#rowsOfPart()) for (const row of rowsIn(bytes)) yield read(row);
  }

  async #next(): Promise<ArchiveRecord> {
    const { done, value } = await this.#records.next();
    if (done === true) throw invalid('it has no manifest');
    return value;
  }

  #checkAllThere({ heads }: Manifest): void {
    const missing = heads.find(({ shard }) => !this.#shards.some((seen) => seen.shard === shard));
    if (missing !== undefined) throw invalid(`the journal of ${missing.shard} is missing`);
  }
}

/** The fold of a shard, and what it came to where its snapshot was taken. */
class Reckoning {
  readonly snapshot: KeptSnapshot | undefined;
  /** State and head at the snapshot's position, once the fold has come there. */
  reckoned: { readonly headHash: string; readonly stateHash: string } | undefined;
  readonly #state: State = initialState();

  constructor(snapshot: KeptSnapshot | undefined) {
    this.snapshot = snapshot;
  }

  readonly hear: Judge = ({ entries }, { position, hash }) => {
    try {
      for (const { events } of entries) for (const event of events) evolve(this.#state, event);
    } catch (error) {
      if (error instanceof InvariantBroken) return `the facts do not fit together: ${error.message}`;
      throw error;
    }
    if (position === this.snapshot?.position && hash !== undefined) {
      this.reckoned = { headHash: hash.toString('hex'), stateHash: this.stateHash().toString('hex') };
    }
    return undefined;
  };

  stateHash(): Buffer {
    return stateHash(this.#state);
  }
}

/** A stream can be read once: a second look finds nothing more. */
function once(rows: AsyncGenerator<SealedBatch>): (after: Position) => AsyncIterable<SealedBatch> {
  let isRead = false;
  return () => {
    const isFirst = !isRead;
    isRead = true;
    return isFirst ? rows : none();
  };
}

async function* none(): AsyncGenerator<SealedBatch> {}

const invalid = (says: string): Fault => new Fault('BACKUP_INVALID', says);
