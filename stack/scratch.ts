/** Folders that tests of the stack work in: one each, gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A new empty folder; taken away when the test has finished, after what it registers later. */
export async function scratchFolder(): Promise<string> {
  const folder = await make();
  onTestFinished(() => take(folder));
  return folder;
}

/** The same, for all tests of a file: called at its top, taken away after all that its own hooks do. */
export async function scratchFolderOfFile(): Promise<string> {
  const folder = await make();
  afterAll(() => take(folder));
  return folder;
}

const make = (): Promise<string> => mkdtemp(join(tmpdir(), 'itirp-stack-'));
const take = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
