/** The key that signs tokens: the operator's, or in demo mode one that the data directory keeps. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';

const SECRET_BYTES = 32;

/** A demo's key outlives a restart, so that tokens do too; nobody but the owner reads the file. */
export async function secretOf({ SECRET_KEY, DATA_DIR }: Config): Promise<string> {
  if (SECRET_KEY !== undefined) return SECRET_KEY;
  const file = join(DATA_DIR, 'demo-secret');
  const made = randomBytes(SECRET_BYTES).toString('hex');
  await mkdir(DATA_DIR, { recursive: true });
  try {
    await writeFile(file, made, { mode: 0o600, flag: 'wx' });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await readFile(file, 'utf8')).trim();
  }
}
