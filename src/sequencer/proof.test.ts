/** What an auditor is told of a journal and its snapshots: a state that its facts do not come to is named. */
import { beforeEach, expect, test } from 'vitest';
import { buy, place } from '../core/testing/story.ts';
import { notional } from '../core/values/fixed-point.ts';
import type { Position } from '../core/values/names.ts';
import { sealAfter } from '../journal/chain.ts';
import { encodeEntries } from '../journal/codec.ts';
import type { Snapshot } from '../journal/journal.ts';
import { MemoryJournal, MemorySnapshots, MemoryStore } from '../journal/memory.ts';
import { prove } from './proof.ts';
import { snapshotOf, stateFrom } from './snapshots.ts';
import { makeSnapshot } from './snapshotter.ts';
import { by, entriesOf, OPENING, type Stage, stage } from './stage.fixture.ts';

let store: MemoryStore;
let journal: MemoryJournal;
let snapshots: MemorySnapshots;
let it: Stage;

beforeEach(async () => {
  store = new MemoryStore();
  journal = new MemoryJournal(store);
  snapshots = new MemorySnapshots();
  it = stage({}, journal);
  await it.sequencer.start();
  for (const command of OPENING) await it.sequencer.submit(command, by);
  await makeSnapshot(journal, snapshots);
  for (const name of ['A', 'B']) await it.sequencer.submit(place(buy(name, '10', '12.34')), by);
});

async function newest(): Promise<Snapshot> {
  const snapshot = await snapshots.latest();
  if (snapshot === undefined) throw new Error('there is no snapshot');
  return snapshot;
}

/** As one would who wants other limits at the next start: the state changed, and its hash made anew. */
function loosened(snapshot: Snapshot): Snapshot {
  const state = stateFrom(snapshot);
  if (state === undefined) throw new Error('the snapshot does not read');
  state.firm.limits = { ...state.firm.limits, positionMax: notional('80000000000') };
  return snapshotOf(state, { position: snapshot.position, hash: snapshot.headHash });
}

test('snapshots that are the state of their facts are proven with the journal', async () => {
  await makeSnapshot(journal, snapshots);
  await it.sequencer.submit(place(buy('C', '10', '12.34')), by);
  const proof = await prove(journal, snapshots);
  expect(proof).toMatchObject({ journal: { isSound: true }, provenSnapshots: 2, wrongSnapshots: [] });
});

test.each<[string, (snapshot: Snapshot) => Snapshot, string]>([
  ['with other limits in it, hashed anew', loosened, 'its state is not what the facts come to'],
  ['with another body', (s) => ({ ...s, body: Buffer.from('x') }), 'its body was changed'],
  ['of another journal', (s) => ({ ...s, headHash: Buffer.alloc(32) }), 'it was taken of another journal'],
  ['where no row ends', (s) => ({ ...s, position: 999 as Position }), 'no row of the journal ends there'],
])('a snapshot %s is named', async (_, change, wrong) => {
  const changed = change(await newest());
  await snapshots.save(changed);
  const proof = await prove(journal, snapshots);
  expect(proof.journal.isSound).toBe(true);
  expect(proof.wrongSnapshots).toEqual([{ position: changed.position, wrong }]);
});

test('a snapshot that is replaced while the journal is read is not missed', async () => {
  const snapshot = await newest();
  const kept = await snapshots.kept();
  const answers = [kept, []];
  const moving = {
    latest: async () => snapshot,
    kept: async () => answers.shift() ?? [],
    body: async () => undefined,
    save: async () => undefined,
  };
  expect(await prove(journal, moving)).toMatchObject({ provenSnapshots: 0, wrongSnapshots: [] });
});

test('facts that contradict each other do not hold, though every hash does', async () => {
  const { epoch, head } = await journal.claim();
  const last = (await entriesOf(journal)).at(-1);
  if (last === undefined) throw new Error('the journal is empty');
  const body = encodeEntries([last]); // the same order is accepted a second time
  const recordedAt = store.rows.at(-1)?.recordedAt ?? last.at;
  const row = { shard: 'main', count: last.events.length, epoch, recordedAt, body };
  await journal.append(sealAfter(head, row));
  expect((await prove(journal, snapshots)).journal).toMatchObject({
    isSound: false,
    position: head.position + 1,
    wrong: expect.stringContaining('the facts do not fit together'),
  });
});
