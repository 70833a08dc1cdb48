/** A journal row in a backup as the batch that it is, whatever order its columns stand in. */
import type { Micros, Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { EMPTY, hashOf, headAfter, isSameHead } from '../journal/chain.ts';
import type { RawRow } from '../journal/copied-rows.ts';
import type { Head, SealedBatch } from '../journal/journal.ts';
import type { Column, ShardHead } from './archive.ts';

/** Reads the rows of one shard. */
export function batchReader(shard: string, columns: readonly Column[]): (row: RawRow) => SealedBatch {
  const indexes = new Map(columns.map(({ name }, index) => [name, index]));
  const field = (row: RawRow, name: string): Buffer | undefined => {
    const index = indexes.get(name);
    return index === undefined ? undefined : row[index];
  };
  const must = (row: RawRow, name: string): Buffer => {
    const found = field(row, name);
    if (found === undefined) throw new Fault('BACKUP_INVALID', `a journal row of ${shard} has no ${name}`);
    return found;
  };
  const big = (row: RawRow, name: string): number => Number(must(row, name).readBigInt64BE());
  return (row) => {
    const source = field(row, 'source');
    const offset = field(row, 'source_offset');
    const previousHash = field(row, 'previous_hash');
    return {
      shard,
      firstPosition: big(row, 'first_position') as Position,
      count: must(row, 'count').readInt32BE(),
      epoch: big(row, 'epoch'),
      recordedAt: big(row, 'recorded_at') as Micros,
      previousHash: previousHash === undefined ? undefined : Buffer.from(previousHash),
      hash: Buffer.from(must(row, 'hash')),
      body: must(row, 'body'),
      source:
        source === undefined || offset === undefined
          ? undefined
          : { source: source.toString('utf8'), offset: offset.readBigInt64BE() },
    };
  };
}

export const headOf = ({ position, hash }: Pick<ShardHead, 'position' | 'hash'>): Head => ({
  position: position as Position,
  hash: hash === null ? undefined : Buffer.from(hash, 'hex'),
});

/** Lets the rows of a shard through that are chained to each other and end in `head`. */
export class ChainWatch {
  readonly #read: (row: RawRow) => SealedBatch;
  readonly #shard: string;
  #head: Head = EMPTY;

  constructor(shard: string, columns: readonly Column[]) {
    this.#shard = shard;
    this.#read = batchReader(shard, columns);
  }

  /** @throws Fault JOURNAL_CORRUPT */
  take(row: RawRow): void {
    const batch = this.#read(row);
    const before = { position: (batch.firstPosition - 1) as Position, hash: batch.previousHash };
    if (!isSameHead(before, this.#head) || !hashOf(batch).equals(batch.hash)) {
      throw this.#corrupt(`the row at ${batch.firstPosition} of ${this.#shard}`);
    }
    this.#head = headAfter(batch);
  }

  /** @throws Fault JOURNAL_CORRUPT */
  end(head: Head): void {
    if (!isSameHead(this.#head, head))
      throw this.#corrupt(`the end of ${this.#shard}, ${this.#head.position}`);
  }

  #corrupt(where: string): Fault {
    return new Fault(
      'JOURNAL_CORRUPT',
      `${where}, does not fit the chain: nothing was kept. Run: itirp verify`,
    );
  }
}
