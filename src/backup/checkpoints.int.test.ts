/** Signed checkpoints: what the hash chain alone cannot show is found, and a forged word is told from a true one. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { headAfter } from '../journal/chain.ts';
import { aBatch } from '../journal/journal.contract.ts';
import { MemoryJournal, MemorySnapshots, MemoryStore } from '../journal/memory.ts';
import { aSnapshot } from '../journal/snapshots.contract.ts';
import { type Checkpoint, lineOf, readCheckpoints } from './checkpoint.ts';
import { appendLine, readLines, shardsIn, signingKey, trustedKeys } from './checkpoint-files.ts';
import { mirroredFiles } from './checkpoint-mirror.ts';
import { proveCheckpoints } from './checkpoint-proof.ts';
import { Checkpointer } from './checkpointer.ts';
import { FolderVault } from './vault-folder.ts';

const SHARD = 'desk/1';
let folder: string;
let store: MemoryStore;
let journal: MemoryJournal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-checkpoints-'));
  store = new MemoryStore();
  journal = new MemoryJournal(store);
});
afterEach(() => rm(folder, { recursive: true }));

async function append(count: number, into: MemoryJournal = journal, reason = 'drill'): Promise<void> {
  const { epoch, head } = await into.claim();
  let end = head;
  for (let i = 0; i < count; i += 1) {
    const batch = aBatch(SHARD, epoch, end, reason);
    await into.append(batch);
    end = headAfter(batch);
  }
}

const warnings: string[] = [];
const checkpointer = (more: { mirror?: FolderVault; everyMs?: number; snapshots?: MemorySnapshots } = {}) =>
  new Checkpointer({
    shard: SHARD,
    journal,
    snapshots: undefined,
    folder,
    keyFile: undefined,
    everyMs: 3_600_000,
    onWarning: (says) => warnings.push(says),
    ...more,
  });

/** Checkpoints at positions 2, 6 and 10. */
async function written(): Promise<void> {
  await append(1);
  const it = checkpointer();
  await it.start();
  await append(2);
  await it.write();
  await append(2);
  await it.stop();
}

const read = async (trusted?: string) =>
  readCheckpoints(await readLines(folder, SHARD), SHARD, await trustedKeys(folder, trusted));

test('they are written at the start, on request and at the stop, where there is news, and hold', async () => {
  await written();
  const { checkpoints, wrong } = await read();
  expect(wrong).toBeUndefined();
  expect(checkpoints.map(({ position }) => position)).toEqual([2, 6, 10]);
  expect(await shardsIn(folder)).toEqual([SHARD]);
  expect(await proveCheckpoints(checkpoints, journal)).toEqual({
    proven: 3,
    beyond: [],
    uncompared: 0,
    wrong: undefined,
  });
  await checkpointer().start(); // nothing is wrong, and there is no news
  expect((await read()).checkpoints).toHaveLength(3);
});

test('a cut tail, chain and head cut together, is found, and an engine does not start on it', async () => {
  await written();
  store.rows.splice(3);
  const last = store.rows.at(-1);
  if (last !== undefined) store.head = headAfter(last);
  const proof = await proveCheckpoints((await read()).checkpoints, journal);
  expect(proof).toMatchObject({ proven: 2, wrong: undefined });
  expect(proof.beyond.map(({ position }) => position)).toEqual([10]);
  await expect(checkpointer().start()).rejects.toMatchObject({ code: 'JOURNAL_BEHIND' });
});

test('a history that was rewritten from some point on, all hashes anew, is found', async () => {
  await written();
  const [first] = store.rows;
  const forged = new MemoryStore();
  const other = new MemoryJournal(forged);
  if (first !== undefined) {
    await other.claim();
    forged.rows.push(first);
    forged.head = headAfter(first);
  }
  await append(4, other, 'nothing happened');
  const proof = await proveCheckpoints((await read()).checkpoints, other);
  expect(proof.wrong).toMatch(/^position 5: history was rewritten/);
  store.rows.splice(0, 9, ...forged.rows);
  store.head = forged.head;
  await expect(checkpointer().start()).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
});

describe('of the checkpoints themselves', () => {
  const file = async (): Promise<string> => {
    const name = (await readdir(folder)).find((candidate) => candidate.endsWith('.checkpoints')) ?? '';
    return join(folder, name);
  };
  const change = async (edit: (lines: string[]) => string[]): Promise<void> => {
    const lines = (await readFile(await file(), 'utf8')).split('\n').slice(0, -1);
    await writeFile(
      await file(),
      edit(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  };

  test.each([
    [
      'a changed position',
      (lines: string[]) => lines.map((line) => line.replace('"position":6', '"position":4')),
      2,
    ],
    ['one that is missing', ([first = '', , third = '']: string[]) => [first, third], 2],
    ['a beginning that is missing', (lines: string[]) => lines.slice(1), 1],
    ['two that changed places', ([a = '', b = '', c = '']: string[]) => [a, c, b], 2],
    ['one that came twice', ([a = '', b = '', c = '']: string[]) => [a, b, b, c], 3],
    ['one that does not read', ([a = '', b = '']: string[]) => [a, b.slice(1)], 2],
  ])('%s is found', async (_what, edit, line) => {
    await written();
    await change(edit);
    const { wrong, checkpoints } = await read();
    expect(wrong?.line).toBe(line);
    expect(checkpoints).toHaveLength(line - 1);
  });

  test('one that somebody else has signed is found, with his key in the folder or not', async () => {
    await written();
    const trusted = join(folder, (await readdir(folder)).find((name) => name.endsWith('.pub.pem')) ?? '');
    const { privateKey } = generateKeyPairSync('ed25519');
    const [, , third] = (await read()).checkpoints;
    const forger = join(folder, 'forger.pem');
    await writeFile(forger, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const key = await signingKey(folder, forger);
    const forged = { ...(third as Checkpoint), key: key.id, head: 'ff'.repeat(32) };
    await change(([a = '', b = '']) => [a, b, lineOf(forged, key)]);
    expect((await read(trusted)).wrong).toEqual({
      line: 3,
      wrong: expect.stringMatching(/not a trusted one/),
    });
    const asTheirs = { ...forged, key: (third as Checkpoint).key };
    await change(([a = '', b = '']) => [a, b, lineOf(asTheirs, key)]);
    expect((await read()).wrong).toEqual({ line: 3, wrong: 'its signature is forged' });
  });

  test('a line that a power failure cut off never counted, and the next one takes its place', async () => {
    await written();
    const whole = await readFile(await file(), 'utf8');
    await writeFile(await file(), whole.slice(0, -20));
    expect((await read()).checkpoints).toHaveLength(2);
    await appendLine(folder, SHARD, whole.split('\n')[2] ?? '');
    expect(await readFile(await file(), 'utf8')).toBe(whole);
  });
});

test('they name the newest known state with its version, and none whose version nobody said', async () => {
  const snapshots = new MemorySnapshots();
  await append(1);
  await snapshots.save(aSnapshot(2)); // as an older program kept it
  const it = checkpointer({ snapshots });
  await it.start();
  await append(1);
  const newer = { ...aSnapshot(4), stateVersion: 7 };
  await snapshots.save(newer);
  await it.stop();
  const state = { position: 4, hash: newer.stateHash.toString('hex'), version: 7 };
  expect((await read()).checkpoints.map((checkpoint) => checkpoint.state)).toEqual([null, state]);
});

test('each is kept a second time, as an object of its own', async () => {
  const place = join(folder, 'mirror');
  await append(1);
  const it = checkpointer({ mirror: new FolderVault(place), everyMs: 3_600_000 });
  await it.start();
  await append(1);
  await it.stop();
  const lines = await Promise.all(
    (await readdir(place)).sort().map((name) => readFile(join(place, name), 'utf8')),
  );
  expect(lines).toEqual(await readLines(folder, SHARD));
  expect(await mirroredFiles(new FolderVault(place))).toEqual([{ shard: SHARD, lines }]);
});

test('what could not be kept a second time when it was written follows when the place is back', async () => {
  const place = join(folder, 'mirror');
  await writeFile(place, 'in the way');
  await append(1);
  const it = checkpointer({ mirror: new FolderVault(place) });
  await it.start();
  await append(1);
  await expect(it.write()).rejects.toMatchObject({ code: 'BACKUP_UNAVAILABLE' });
  await rm(place);
  await append(1);
  await it.write();
  const [mirrored] = await mirroredFiles(new FolderVault(place));
  expect(mirrored?.lines).toEqual(await readLines(folder, SHARD));
  expect(mirrored?.lines).toHaveLength(3);
});

test('a folder that cannot be written to stops no engine once it runs, and is told', async () => {
  await append(1);
  const it = checkpointer();
  await it.start();
  await it.write();
  await rm(folder, { recursive: true });
  await writeFile(folder, 'in the way');
  await append(1);
  warnings.length = 0;
  await it.stop();
  expect(warnings).toEqual([`no checkpoint of ${SHARD} could be written`]);
});
