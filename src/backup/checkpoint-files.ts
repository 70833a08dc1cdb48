/** Checkpoints on a disk: a file for each shard that only grows, each line on the disk before it counts, and the keys. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import { type CheckpointKey, keyIdOf } from './checkpoint.ts';

const ENDING = '.checkpoints';
const PUBLIC_ENDING = '.pub.pem';
const OWN_KEY = 'checkpoint-key.pem';

/** A shard's name as a file's: what is no letter or digit is spelt out. */
const fileOf = (folder: string, shard: string): string =>
  join(folder, `${encodeURIComponent(shard).replaceAll('.', '%2E')}${ENDING}`);

/** Every line that was written to its end, in order; one that was cut off by a power failure never counted. */
export async function readLines(folder: string, shard: string): Promise<readonly string[]> {
  return wholeLines(await textOf(fileOf(folder, shard)));
}

const wholeLines = (text: string): readonly string[] => text.split('\n').slice(0, -1);

/** Which shards have a file. @throws Fault BACKUP_UNAVAILABLE */
export async function shardsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new Fault('BACKUP_UNAVAILABLE', messageOf(error), { cause: error });
  });
  return names
    .filter((name) => name.endsWith(ENDING))
    .map((name) => decodeURIComponent(name.slice(0, -ENDING.length)))
    .sort();
}

/** Adds a line behind the last whole one. @throws Fault BACKUP_UNAVAILABLE */
export async function appendLine(folder: string, shard: string, line: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = fileOf(folder, shard);
    const text = await textOf(path);
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const file = await open(path, 'a', 0o600);
    try {
      if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
      await file.appendFile(`${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Fault('BACKUP_UNAVAILABLE', messageOf(error), { cause: error });
  }
}

async function textOf(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new Fault('BACKUP_UNAVAILABLE', messageOf(error), { cause: error });
  });
}

/**
 * The key to sign with: the one in `keyFile` (PEM, Ed25519), else the folder's own, made once. Its public half lies in
 * the folder, for whoever verifies.
 * @throws Fault CONFIG_INVALID, BACKUP_UNAVAILABLE
 */
export async function signingKey(folder: string, keyFile: string | undefined): Promise<CheckpointKey> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const pem = keyFile === undefined ? await ownKey(join(folder, OWN_KEY)) : await readFile(keyFile, 'utf8');
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType !== 'ed25519') {
      throw new Fault(
        'CONFIG_INVALID',
        'CHECKPOINT_KEY_FILE is no Ed25519 key (openssl genpkey -algorithm ed25519)',
      );
    }
    const publicKey = createPublicKey(privateKey);
    const id = keyIdOf(publicKey);
    await writeFile(join(folder, `${id}${PUBLIC_ENDING}`), publicKey.export({ type: 'spki', format: 'pem' }));
    return { id, privateKey };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('CONFIG_INVALID', `the key of the checkpoints: ${messageOf(error)}`, { cause: error });
  }
}

async function ownKey(path: string): Promise<string> {
  const found = await textOf(path);
  if (found !== '') return found;
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return await writeFile(path, pem, { mode: 0o600, flag: 'wx' }).then(
    () => pem,
    () => textOf(path), // another process was faster
  );
}

/**
 * Public keys by their ids: that in `trusted`, else all that lie in the folder. Whoever can write there can put one
 * there: keep the public key elsewhere too, and name it.
 * @throws Fault ARGUMENT_INVALID, BACKUP_UNAVAILABLE
 */
export async function trustedKeys(
  folder: string,
  trusted: string | undefined,
): Promise<ReadonlyMap<string, KeyObject>> {
  const names =
    trusted === undefined ? (await readdir(folder)).filter((name) => name.endsWith(PUBLIC_ENDING)) : [];
  const paths = trusted === undefined ? names.map((name) => join(folder, name)) : [trusted];
  const keys = new Map<string, KeyObject>();
  for (const path of paths) {
    try {
      const key = createPublicKey(await readFile(path));
      keys.set(keyIdOf(key), key);
    } catch (error) {
      throw new Fault('ARGUMENT_INVALID', `${path} is no public key: ${messageOf(error)}`, { cause: error });
    }
  }
  return keys;
}
