/**
 * The outside of a backup file: what it is, chunks that are sealed in their order, and the SHA-256 of the whole.
 *
 *   "itirp backup 1\n"                               15 bytes: what this is, and which rule
 *   header length, header                            u32, JSON
 *   chunks, at least one, each:
 *     its length, the highest bit set in the last    u32
 *     its bytes (with a key: enciphered)             at most 1 MiB
 *     its seal                                       16 bytes
 *   SHA-256 of all bytes before                      32 bytes, and nothing after them
 *
 * The seal covers the header, the chunk's number, its length and whether it is the last one: a chunk that is changed,
 * cut off, left out or put elsewhere is found when it is read. With a key it is the tag of AES-256-GCM (nonce: the
 * number; a key is never used for two files), without one the first half of a SHA-256, which shows damage, not intent.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Fault } from '../faults/fault.ts';
import { ByteReader } from './byte-reader.ts';
import { fileKeyOf, type Secret } from './keys.ts';

export const MAGIC = Buffer.from('itirp backup 1\n');
const CHUNK_BYTES = 1 << 20;
const HEADER_BYTES_MAX = 1 << 16;
const LAST = 0x8000_0000;
const SEAL_BYTES = 16;
const SHA256_BYTES = 32;
const NONCE_BYTES = 12;
const SALT_BYTES = 32;
const CIPHER = 'aes-256-gcm';

interface Header {
  readonly compression: 'zstd';
  readonly cipher: 'none' | typeof CIPHER;
  /** How the file's key comes from the operator's: HKDF-SHA256, after scrypt (N=2^17, r=8, p=1) where it is a passphrase. */
  readonly derivation?: Secret['kind'];
  /** Hexadecimal. */
  readonly salt?: string;
  readonly keyId?: string;
}

/** Seals and opens chunks of one file. */
interface Sealer {
  seal(number: number, word: number, plain: Buffer): Buffer;
  /** Undefined: it is not what was sealed. */
  open(number: number, word: number, sealed: Buffer): Buffer | undefined;
}

/** Puts `content` into the envelope; with a secret nobody reads or changes it without one. */
export async function* wrap(
  content: AsyncIterable<Uint8Array>,
  secret: Secret | undefined,
): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const fileKey = secret === undefined ? undefined : await fileKeyOf(secret, salt);
  const header: Header =
    fileKey === undefined
      ? { compression: 'zstd', cipher: 'none' }
      : {
          compression: 'zstd',
          cipher: CIPHER,
          ...(secret === undefined ? {} : { derivation: secret.kind }),
          salt: salt.toString('hex'),
          keyId: fileKey.id,
        };
  const opening = openingOf(header);
  const sealer = sealerFor(opening, fileKey?.key);
  const whole = createHash('sha256').update(opening);
  yield opening;

  const reader = new ByteReader(content);
  for await (const { number, isLast, chunk } of chunksOf(reader)) {
    const word = Buffer.alloc(4);
    word.writeUInt32BE(((isLast ? LAST : 0) | chunk.length) >>> 0);
    const sealed = sealer.seal(number, word.readUInt32BE(), chunk);
    whole.update(word).update(sealed);
    yield Buffer.concat([word, sealed]);
  }
  yield whole.digest();
}

async function* chunksOf(
  reader: ByteReader,
): AsyncGenerator<{ number: number; isLast: boolean; chunk: Buffer }> {
  try {
    for (let number = 0; ; number += 1) {
      const chunk = await reader.takeUpTo(CHUNK_BYTES);
      const isLast = await reader.isAtEnd();
      yield { number, isLast, chunk };
      if (isLast) return;
    }
  } finally {
    await reader.close();
  }
}

/**
 * What is in the envelope, each chunk proven before it is given out. Only when the end is reached without a fault is
 * the whole proven too.
 * @throws Fault BACKUP_INVALID, ARGUMENT_INVALID: the key is not the one, or there is none
 */
export async function* unwrap(
  file: AsyncIterable<Uint8Array>,
  secret: Secret | undefined,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(file);
  try {
    const { opening, header } = await readOpening(reader);
    const sealer = sealerFor(opening, await keyFor(header, secret));
    const whole = createHash('sha256').update(opening);
    for (let number = 0, isLast = false; !isLast; number += 1) {
      const word = Buffer.from(await reader.take(4));
      const value = word.readUInt32BE();
      isLast = value >= LAST;
      const length = isLast ? value - LAST : value;
      if (length > CHUNK_BYTES) throw invalid(`chunk ${number} claims an impossible length`);
      const sealed = await reader.take(length + SEAL_BYTES);
      const plain = sealer.open(number, value, sealed);
      if (plain === undefined) throw invalid(`chunk ${number} was changed, or stands where another one was`);
      whole.update(word).update(sealed);
      yield plain;
    }
    const claimed = await reader.take(SHA256_BYTES);
    if (!whole.digest().equals(claimed)) throw invalid('its checksum is not that of the whole');
    if (!(await reader.isAtEnd())) throw invalid('something was added after its end');
  } finally {
    await reader.close();
  }
}

function openingOf(header: Header): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([MAGIC, length, text]);
}

async function readOpening(reader: ByteReader): Promise<{ opening: Buffer; header: Header }> {
  const magic = Buffer.from(await reader.take(MAGIC.length));
  if (!magic.equals(MAGIC)) throw invalid('it is no backup, or one of a newer format');
  const length = Buffer.from(await reader.take(4));
  if (length.readUInt32BE() > HEADER_BYTES_MAX) throw invalid('its header claims an impossible length');
  const text = Buffer.from(await reader.take(length.readUInt32BE()));
  return { opening: Buffer.concat([magic, length, text]), header: headerIn(text) };
}

function headerIn(text: Buffer): Header {
  let header: Partial<Header>;
  try {
    header = (JSON.parse(text.toString('utf8')) ?? {}) as Partial<Header>;
  } catch {
    throw invalid('its header does not read');
  }
  const { compression, cipher } = header;
  if (compression !== 'zstd') throw invalid('its compression is unknown to this program');
  if (cipher !== 'none' && cipher !== CIPHER) throw invalid('its cipher is unknown to this program');
  return { ...header, compression, cipher };
}

/** The file's key; undefined for a file in the clear. Who brings a key wants no file that anybody could have made. */
async function keyFor(header: Header, secret: Secret | undefined): Promise<Buffer | undefined> {
  if (header.cipher === 'none') {
    if (secret === undefined) return undefined;
    throw new Fault(
      'BACKUP_INVALID',
      'it is not encrypted, although a key is given; leave the key away if that is right',
    );
  }
  if (secret === undefined)
    throw new Fault('ARGUMENT_INVALID', 'the backup is encrypted: give its --key-file (or BACKUP_KEY_FILE)');
  if (header.derivation !== secret.kind || header.salt === undefined) {
    throw new Fault(
      'ARGUMENT_INVALID',
      `the backup was encrypted with a ${header.derivation ?? 'key'}, not a ${secret.kind}`,
    );
  }
  const { key, id } = await fileKeyOf(secret, Buffer.from(header.salt, 'hex'));
  if (id !== header.keyId) throw new Fault('ARGUMENT_INVALID', 'the backup was encrypted with another key');
  return key;
}

function sealerFor(opening: Buffer, key: Buffer | undefined): Sealer {
  const about = createHash('sha256').update(opening).digest();
  return key === undefined ? plainSealer(about) : cipherSealer(about, key);
}

const contextOf = (about: Buffer, number: number, word: number): Buffer => {
  const context = Buffer.alloc(about.length + 12);
  about.copy(context);
  context.writeBigUInt64BE(BigInt(number), about.length);
  context.writeUInt32BE(word, about.length + 8);
  return context;
};

function plainSealer(about: Buffer): Sealer {
  const sealOf = (number: number, word: number, chunk: Buffer): Buffer =>
    createHash('sha256')
      .update(contextOf(about, number, word))
      .update(chunk)
      .digest()
      .subarray(0, SEAL_BYTES);
  return {
    seal: (number, word, plain) => Buffer.concat([plain, sealOf(number, word, plain)]),
    open: (number, word, sealed) => {
      const chunk = sealed.subarray(0, -SEAL_BYTES);
      return sealOf(number, word, chunk).equals(sealed.subarray(-SEAL_BYTES)) ? chunk : undefined;
    },
  };
}

function cipherSealer(about: Buffer, key: Buffer): Sealer {
  const nonceOf = (number: number): Buffer => {
    const nonce = Buffer.alloc(NONCE_BYTES);
    nonce.writeBigUInt64BE(BigInt(number), NONCE_BYTES - 8);
    return nonce;
  };
  return {
    seal: (number, word, plain) => {
      const cipher = createCipheriv(CIPHER, key, nonceOf(number)).setAAD(contextOf(about, number, word));
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (number, word, sealed) => {
      const decipher = createDecipheriv(CIPHER, key, nonceOf(number), { authTagLength: SEAL_BYTES })
        .setAAD(contextOf(about, number, word))
        .setAuthTag(sealed.subarray(-SEAL_BYTES));
      const plain = decipher.update(sealed.subarray(0, -SEAL_BYTES));
      try {
        decipher.final();
        return plain;
      } catch {
        return undefined;
      }
    },
  };
}

const invalid = (says: string): Fault => new Fault('BACKUP_INVALID', says);
