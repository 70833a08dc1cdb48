/** The state that a checkpoint names: compared by a program of its version, and by no other taken for a wrong one. */
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Position } from '../core/values/names.ts';
import { MemoryJournal, MemoryStore } from '../journal/memory.ts';
import { fold } from '../sequencer/fold.ts';
import { STATE_VERSION, stateHash } from '../sequencer/snapshots.ts';
import { by, OPENING, stage } from '../sequencer/stage.fixture.ts';
import { type Checkpoint, type CheckpointState, keyIdOf, lineOf, readCheckpoints } from './checkpoint.ts';
import { proveCheckpoints } from './checkpoint-proof.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = { id: keyIdOf(publicKey), privateKey };
const OTHER = STATE_VERSION + 1;
let journal: MemoryJournal;
let position: Position;
let head: string;
let hash: string;

beforeEach(async () => {
  journal = new MemoryJournal(new MemoryStore());
  const { sequencer } = stage({}, journal);
  await sequencer.start();
  for (const command of OPENING) await sequencer.submit(command, by);
  await sequencer.stop();
  const folded = await fold({ journal, snapshots: undefined });
  position = folded.head.position;
  head = folded.head.hash?.toString('hex') ?? '';
  hash = stateHash(folded.state).toString('hex');
});

const naming = (state: CheckpointState | null): Checkpoint => ({
  version: 1,
  shard: 's',
  sequence: 1,
  position,
  head,
  state,
  at: '2026-01-02T03:04:05Z',
  previous: null,
  key: key.id,
});
const prove = (...named: readonly CheckpointState[]) => proveCheckpoints(named.map(naming), journal);
const wrongHash = 'ff'.repeat(32);

test('of its own version it is compared', async () => {
  expect(await prove({ position, hash, version: STATE_VERSION })).toMatchObject({ proven: 1, uncompared: 0 });
  const { wrong } = await prove({ position, hash: wrongHash, version: STATE_VERSION });
  expect(wrong).toMatch(/another state than the facts come to$/);
});

test('of another version it cannot be compared, which is not wrong, and head and position are', async () => {
  expect(await prove({ position, hash: wrongHash, version: OTHER })).toEqual({
    proven: 1,
    beyond: [],
    uncompared: 1,
    wrong: undefined,
  });
  const moved = { ...naming({ position, hash: wrongHash, version: OTHER }), head: wrongHash };
  expect((await proveCheckpoints([moved], journal)).wrong).toMatch(/history was rewritten/);
});

test('two programs may name the same position, and each is held to its own version', async () => {
  const ours = { position, hash, version: STATE_VERSION };
  const theirs = { position, hash: wrongHash, version: OTHER };
  for (const both of [
    [ours, theirs],
    [theirs, ours],
  ])
    expect(await prove(...both)).toMatchObject({ proven: 2, uncompared: 1, wrong: undefined });
  expect((await prove(theirs, { ...ours, hash: wrongHash })).wrong).toMatch(/another state/);
});

test('one that names no version, as older programs signed, is compared, and a difference may be the version', async () => {
  expect(await prove({ position, hash })).toMatchObject({ proven: 1, uncompared: 0, wrong: undefined });
  expect((await prove({ position, hash: wrongHash })).wrong).toMatch(/or a program of another version/);
});

describe('under the signature', () => {
  const read = (line: string) => readCheckpoints([line], 's', new Map([[key.id, publicKey]]));

  test('the version is signed: to change it, or to take it out, is to forge', () => {
    const line = lineOf(naming({ position, hash, version: STATE_VERSION }), key);
    expect(read(line).checkpoints[0]?.state).toEqual({ position, hash, version: STATE_VERSION });
    const said = `,"version":${STATE_VERSION}}`;
    expect(line).toContain(said);
    for (const forged of [line.replace(said, `,"version":${OTHER}}`), line.replace(said, '}')])
      expect(read(forged).wrong?.wrong).toBe('its signature is forged');
  });

  test('a line of an older program, whose state has no version, still holds', () => {
    const line = lineOf(naming({ position, hash }), key);
    expect(line).toContain(`"state":{"position":${position},"hash":"${hash}"}`);
    expect(read(line)).toMatchObject({ wrong: undefined, checkpoints: [{ state: { position, hash } }] });
  });
});
