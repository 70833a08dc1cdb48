/** The folder keeps the vault's contract, and what a killed writer left behind is swept away. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { vaultContract } from './vault.contract.ts';
import { FolderVault } from './vault-folder.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'itirp-vault-'));
});
afterAll(() => rm(root, { recursive: true }));

let folders = 0;
function freshFolder(): string {
  folders += 1;
  return join(root, String(folders));
}

vaultContract('a folder', 3_000_000, async () => new FolderVault(freshFolder()));

test('what a killed writer left is swept away, what a living one writes is not', async () => {
  const folder = freshFolder();
  const vault = new FolderVault(folder);
  await vault.write('one.backup', (async function* () {})());
  const { pid: gone } = spawnSync(process.execPath, ['--version']);
  await writeFile(join(folder, `.two.backup.${gone}.part`), 'half');
  await writeFile(join(folder, `.three.backup.${process.pid}.part`), 'half');
  await vault.sweep();
  expect((await readdir(folder)).sort()).toEqual([`.three.backup.${process.pid}.part`, 'one.backup']);
  await chmod(folder, 0o700);
});

test('a place where nothing can be written is a fault that says so', async () => {
  const file = join(root, 'a file');
  await writeFile(file, '');
  const vault = new FolderVault(join(file, 'below'));
  const writing = vault.write('one.backup', (async function* () {})());
  await expect(writing).rejects.toMatchObject({ code: 'BACKUP_UNAVAILABLE' });
});
