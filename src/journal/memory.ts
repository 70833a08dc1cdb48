/** A journal in memory, with every refusal of the real one: for tests and the simulation. Lost with the process. */
import type { Micros, Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { EMPTY, headAfter, isSameHead } from './chain.ts';
import { isFallen, type SourceMark } from './entry.ts';
import type { Claim, Head, Journal, SealedBatch, Snapshot, SnapshotLabel, Snapshots } from './journal.ts';

/** What several writers and readers of one shard share, as they would share a database. */
export class MemoryStore {
  epoch = 0;
  owner: object | undefined;
  head: Head = EMPTY;
  readonly rows: SealedBatch[] = [];
  source: SourceMark | undefined;
}

export class MemoryJournal implements Journal {
  readonly #store: MemoryStore;
  #hasClaimed = false;
  #epoch = 0;

  constructor(store = new MemoryStore()) {
    this.#store = store;
  }

  async claim(): Promise<Claim> {
    if (this.#hasClaimed && this.#store.owner !== this)
      throw new Fault('JOURNAL_CONFLICT', 'it has a new owner');
    this.#hasClaimed = true;
    this.#store.owner = this;
    this.#store.epoch += 1;
    this.#epoch = this.#store.epoch;
    return { epoch: this.#store.epoch, head: this.#store.head, source: this.#store.source };
  }

  async append(batch: SealedBatch): Promise<void> {
    const { epoch, head } = this.#store;
    const before = { position: (batch.firstPosition - 1) as Position, hash: batch.previousHash };
    const isBehind = isFallen(batch.source, this.#store.source);
    if (batch.epoch !== epoch || !isSameHead(before, head) || isBehind) throw new Fault('JOURNAL_CONFLICT');
    this.#store.rows.push(batch);
    this.#store.head = headAfter(batch);
    this.#store.source = batch.source ?? this.#store.source;
  }

  async confirm(): Promise<void> {
    if (this.#store.epoch !== this.#epoch) throw new Fault('JOURNAL_CONFLICT', 'it has a new owner');
  }

  async *read(after: Position): AsyncIterable<SealedBatch> {
    const { rows } = this.#store;
    const end = rows.length; // what is appended meanwhile is for the next read
    for (let i = firstHolding(rows, after + 1); i < end; i += 1) {
      const row = rows[i];
      if (row !== undefined) yield row;
    }
  }

  async head(): Promise<Head> {
    return this.#store.head;
  }

  async positionBefore(time: Micros): Promise<Position> {
    const row = this.#store.rows.findLast(({ recordedAt }) => recordedAt < time);
    return row === undefined ? (0 as Position) : headAfter(row).position;
  }
}

/** Index of the first row that holds `position` or a later one; the rows are in order. */
function firstHolding(rows: readonly SealedBatch[], position: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && row.firstPosition + row.count <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class MemorySnapshots implements Snapshots {
  #kept: Snapshot[] = [];

  async latest(): Promise<Snapshot | undefined> {
    return this.#kept.at(-1);
  }

  async kept(): Promise<readonly SnapshotLabel[]> {
    return this.#kept.map(({ position, headHash, stateHash, stateVersion }) => ({
      position,
      headHash,
      stateHash,
      ...(stateVersion === undefined ? {} : { stateVersion }),
    }));
  }

  async body(position: Position): Promise<Buffer | undefined> {
    return this.#kept.find((snapshot) => snapshot.position === position)?.body;
  }

  async save(snapshot: Snapshot): Promise<void> {
    this.#kept = [...this.#kept.filter(({ position }) => position < snapshot.position), snapshot].slice(-2);
  }
}
