/** The state is the fold of the journal, from any snapshot that holds; a journal that was tampered with is not folded. */
import { beforeEach, describe, expect, test } from 'vitest';
import { buy, filled, order, place, report } from '../core/testing/story.ts';
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Head, Journal, SealedBatch, Snapshot, Snapshots } from '../journal/journal.ts';
import { MemoryJournal, MemorySnapshots, MemoryStore } from '../journal/memory.ts';
import { fold } from './fold.ts';
import { snapshotOf, stateFrom, stateHash } from './snapshots.ts';
import { makeSnapshot } from './snapshotter.ts';
import { by, liveHash, OPENING, outcome, replayHash, stage } from './stage.fixture.ts';

let journal: MemoryJournal;
let store: MemoryStore;
let hash: string;

beforeEach(async () => {
  store = new MemoryStore();
  journal = new MemoryJournal(store);
  const { sequencer } = stage({}, journal);
  await sequencer.start();
  for (const command of OPENING) await sequencer.submit(command, by);
  for (const name of ['A', 'B', 'C']) await sequencer.submit(place(buy(name, '10', '12.34')), by);
  await sequencer.submit(report(order('A'), filled('x1', '4', '12.3')), by);
  hash = await liveHash(sequencer);
  await sequencer.stop();
});

/** The rows as somebody left them who had his hands in the database. */
function tampered(change: (rows: SealedBatch[]) => readonly SealedBatch[]): Journal {
  const rows = change([...store.rows]);
  return {
    claim: () => journal.claim(),
    append: (batch) => journal.append(batch),
    confirm: () => journal.confirm(),
    head: (): Promise<Head> => journal.head(),
    positionBefore: (time) => journal.positionBefore(time),
    async *read(after) {
      for (const row of rows) if (row.firstPosition + row.count - 1 > after) yield row;
    },
  };
}

/** Snapshots of which the newest is `snapshot`. */
const only = (snapshot: Snapshot): Snapshots => ({
  latest: async () => snapshot,
  kept: async () => [snapshot],
  body: async () => snapshot.body,
  save: async () => undefined,
});

/** Index of a row that holds several facts. */
function rowOfTwo(): number {
  const index = store.rows.findIndex(({ count }) => count === 2);
  expect(index).toBeGreaterThan(0);
  return index;
}

/** The state after the first `count` rows, as a snapshot. */
async function snapshotAfter(count: number): Promise<Snapshot> {
  const { state, head } = await fold({
    journal: tampered((rows) => rows.slice(0, count)),
    snapshots: undefined,
  });
  return snapshotOf(state, head);
}

describe('a snapshot', () => {
  test('at any row and the tail after it give the state that the whole journal gives', async () => {
    for (let count = 1; count <= store.rows.length; count++) {
      expect(await replayHash(journal, only(await snapshotAfter(count)))).toBe(hash);
    }
  });

  test('comes back as the state that it was taken of, with the same bytes', async () => {
    const snapshot = await snapshotAfter(store.rows.length);
    const state = stateFrom(snapshot);
    if (state === undefined) throw new Error('the snapshot does not read');
    const again = snapshotOf(state, { position: snapshot.position, hash: snapshot.headHash });
    expect(again.body.equals(snapshot.body)).toBe(true);
    expect(stateHash(state).equals(snapshot.stateHash)).toBe(true);
  });

  test('whose bytes were changed is passed over with a warning', async () => {
    const snapshot = await snapshotAfter(3);
    const body = Buffer.from(snapshot.body);
    body[10] = (body[10] ?? 0) ^ 1;
    const warnings: string[] = [];
    const snapshots = only({ ...snapshot, body });
    const { state } = await fold({ journal, snapshots, onWarning: (says) => warnings.push(says) });
    expect(stateHash(state).toString('hex')).toBe(hash);
    expect(warnings).toEqual([expect.stringContaining('folding from zero')]);
  });

  test('that is newer than the journal means that facts were lost', async () => {
    const snapshot = await snapshotAfter(store.rows.length);
    const cut = tampered((rows) => rows.slice(0, -1));
    expect(await outcome(fold({ journal: cut, snapshots: only(snapshot) }))).toBe('JOURNAL_CORRUPT');
  });

  test.each<[string, (snapshot: Snapshot) => Partial<Snapshot>]>([
    ['of another journal', () => ({ headHash: Buffer.alloc(32, 1) })],
    ['moved to an earlier row', () => ({ position: 1 as Position })],
    ['moved to where no row ends', ({ position }) => ({ position: (position - 1) as Position })],
    ['moved before the beginning', () => ({ position: 0 as Position })],
  ])('%s is passed over with a warning', async (_, change) => {
    const snapshot = await snapshotAfter(rowOfTwo() + 1);
    const warnings: string[] = [];
    const { state } = await fold({
      journal,
      snapshots: only({ ...snapshot, ...change(snapshot) }),
      onWarning: (says) => warnings.push(says),
    });
    expect(stateHash(state).toString('hex')).toBe(hash);
    expect(warnings).toEqual([expect.stringContaining('is of another journal; folding from zero')]);
  });

  test('is made by a reader from the newest before it, and not made again for nothing', async () => {
    const snapshots = new MemorySnapshots();
    expect(await makeSnapshot(journal, snapshots)).toBe((await journal.head()).position);
    const first = await snapshots.latest();
    expect(first?.stateHash.toString('hex')).toBe(hash);
    await makeSnapshot(journal, snapshots);
    expect(await snapshots.latest()).toBe(first);
  });
});

describe('a journal', () => {
  const changed = (row: SealedBatch): SealedBatch => {
    const body = Buffer.from(row.body);
    body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
    return { ...row, body };
  };
  test.each<[string, (rows: SealedBatch[]) => readonly SealedBatch[]]>([
    ['a row that was changed', (rows) => rows.map((row, i) => (i === 3 ? changed(row) : row))],
    ['a first row that was changed', (rows) => rows.map((row, i) => (i === 0 ? changed(row) : row))],
    ['a row that is missing in the middle', (rows) => rows.toSpliced(3, 1)],
    ['a beginning that is missing', (rows) => rows.slice(1)],
    ['an end that is missing', (rows) => rows.slice(0, -1)],
    ['rows in another order', (rows) => [...rows.slice(0, 2), ...rows.slice(2).reverse()]],
    ['a row that comes twice', (rows) => [...rows, ...rows.slice(-1)]],
  ])('with %s stops the start', async (_title, change) => {
    const it = stage({}, tampered(change));
    await expect(it.sequencer.start()).rejects.toThrow(Fault);
    expect(it.sequencer.status).toBe('stopped');
  });

  test('that is empty folds to nothing', async () => {
    const { head, at } = await fold({ journal: new MemoryJournal(), snapshots: new MemorySnapshots() });
    expect([head.position, head.hash, at]).toEqual([0, undefined, 0]);
  });

  test('tells how far its fold has come', async () => {
    const seen: number[] = [];
    await fold({ journal, snapshots: undefined, onProgress: (position) => seen.push(position) });
    expect(seen).toEqual(store.rows.map(({ firstPosition, count }) => firstPosition + count - 1));
  });
});
