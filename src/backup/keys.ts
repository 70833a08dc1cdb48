/** From what an operator keeps in a key file to the key of one backup: another one each time, by a fresh salt. */
import { hkdfSync, scrypt } from 'node:crypto';
import { Fault } from '../faults/fault.ts';

/** 32 random bytes are a key as they are; anything else a person has thought up, and needs a slow derivation. */
export type Secret =
  | { readonly kind: 'key'; readonly bytes: Buffer }
  | { readonly kind: 'passphrase'; readonly text: string };

export const KEY_BYTES = 32;
const PASSPHRASE_LENGTH_MIN = 16;
/** Of 32 bytes, without what fills them up. */
const BASE64_LENGTH = 43;

/** What a passphrase costs whoever tries many: memory 128 * n * r bytes, 128 MB. */
export const SCRYPT = { n: 2 ** 17, r: 8, p: 1 } as const;

/** The key of one backup, and a name by which a wrong key is told from a changed file. It gives nothing away. */
export interface FileKey {
  readonly key: Buffer;
  readonly id: string;
}

/**
 * Reads a key file: 64 hexadecimal digits, 44 characters of base64 or 32 raw bytes are a key, longer text a passphrase.
 * @throws Fault ARGUMENT_INVALID
 */
export function readSecret(contents: Buffer): Secret {
  if (contents.length === KEY_BYTES) return { kind: 'key', bytes: Buffer.from(contents) };
  const text = contents.toString('utf8').trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return { kind: 'key', bytes: Buffer.from(text, 'hex') };
  if (/^[A-Za-z0-9+/]{43}=$/.test(text)) return { kind: 'key', bytes: Buffer.from(text, 'base64') };
  if (text.length >= PASSPHRASE_LENGTH_MIN) return { kind: 'passphrase', text };
  throw weak('is too short');
}

/**
 * Reads a key file that a new backup is to be sealed with, and takes no key that is cut short: it would count as a
 * passphrase. Such a one opens what it has closed earlier all the same.
 * @throws Fault ARGUMENT_INVALID
 */
export function readStrongSecret(contents: Buffer): Secret {
  const secret = readSecret(contents);
  const text = contents.toString('latin1').trim();
  const isText = /^[\x20-\x7e]+$/.test(text);
  if (secret.kind === 'key' && contents.length === KEY_BYTES && isText) {
    throw weak(`is ${KEY_BYTES} characters, which would count as raw bytes`);
  }
  if (secret.kind === 'passphrase' && isCutKey(text)) throw weak('looks like a key of less than 32 bytes');
  return secret;
}

/** Hexadecimal, or base64 as programs write it: no words, and shorter than 32 bytes come to. */
function isCutKey(text: string): boolean {
  if (/^[0-9a-f]+$/i.test(text)) return text.length < 2 * KEY_BYTES;
  if (text.length >= BASE64_LENGTH) return false;
  const isWhole = text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
  return isWhole && (text.endsWith('=') || (/\d/.test(text) && /[A-Z]/.test(text) && /[a-z]/.test(text)));
}

function weak(why: string): Fault {
  const remedy = `32 random bytes (openssl rand -hex 32), or words of at least ${PASSPHRASE_LENGTH_MIN} characters`;
  return new Fault('ARGUMENT_INVALID', `what the key file holds ${why}; put there ${remedy}`);
}

export async function fileKeyOf(secret: Secret, salt: Buffer): Promise<FileKey> {
  const master = secret.kind === 'key' ? secret.bytes : await stretch(secret.text, salt);
  return {
    key: Buffer.from(hkdfSync('sha256', master, salt, 'itirp backup 1 file key', KEY_BYTES)),
    id: Buffer.from(hkdfSync('sha256', master, salt, 'itirp backup 1 key id', 8)).toString('hex'),
  };
}

async function stretch(passphrase: string, salt: Buffer): Promise<Buffer> {
  const { n, r, p } = SCRYPT;
  return await new Promise((resolve, reject) => {
    scrypt(
      passphrase.normalize('NFC'),
      salt,
      KEY_BYTES,
      { N: n, r, p, maxmem: 256 * n * r },
      (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      },
    );
  });
}
