/** What is said to be kept elsewhere was looked for there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { mirroredName } from '../../backup/checkpoint-mirror.ts';
import { FolderVault } from '../../backup/vault-folder.ts';
import { findingsOf, wordsOf } from './examined.fixture.ts';

const HOUR_MS = 3_600_000;

async function elsewhere() {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-elsewhere-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const vault = new FolderVault(folder);
  const keep = async (shard: string, key: string, sequence: number, hoursAgo: number): Promise<void> => {
    const at = new Date(Date.now() - hoursAgo * HOUR_MS).toISOString();
    const line = JSON.stringify({ shard, key, sequence, at });
    const content = async function* () {
      yield Buffer.from(line);
    };
    await vault.write(mirroredName(line), content());
  };
  const words = async (): Promise<string> =>
    wordsOf(
      await findingsOf('checkpoints', { CHECKPOINT_DIR: '/there', CHECKPOINT_TO: folder, SHARDS: 'a,b' }),
    );
  return { keep, words };
}

test('a place that is set and empty keeps none', async () => {
  const { words } = await elsewhere();
  expect(await words()).toBe(
    'warn checkpoints: none of a is kept elsewhere\nwarn checkpoints: none of b is kept elsewhere',
  );
});

test('the newest of each shard counts, whichever engine signed it', async () => {
  const { keep, words } = await elsewhere();
  await keep('a', 'one', 1, 400);
  await keep('a', 'one', 2, 300);
  await keep('a', 'two', 1, 1);
  await keep('b', 'one', 1, 100);
  expect(await words()).toBe('warn checkpoints: the newest of b that is kept elsewhere is 4.2 days old');
  await keep('b', 'one', 2, 2);
  expect(await words()).toMatch(/^ok checkpoints: signed, and lately kept in /);
});

test('what is not signed, or on this machine alone, is told', async () => {
  expect(wordsOf(await findingsOf('checkpoints', {}))).toMatch(/^warn .* is not signed/);
  expect(wordsOf(await findingsOf('checkpoints', { CHECKPOINT_DIR: '/there' }))).toMatch(/^warn .* alone$/);
});
