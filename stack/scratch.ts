/** Folders that tests of the stack work in: one each, gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new empty folder; taken away when the test has finished, after what it registers later. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-stack-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
