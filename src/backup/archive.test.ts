/** Laws of a backup file: what goes in comes out, and no byte of it may be changed, cut, moved or added unnoticed. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RawRow } from '../journal/copied-rows.ts';
import type { ArchiveRecord, Manifest, Preface } from './archive.ts';
import { readArchive } from './archive-reader.ts';
import { archiveOf, type DumpedPart } from './archive-writer.ts';
import { readSecret, readStrongSecret, type Secret } from './keys.ts';
import { rowsIn } from './row-bytes.ts';

const PREFACE: Preface = {
  format: 1,
  program: '0.1.0',
  takenAt: '2026-01-02T03:04:05.678Z',
  database: { version: '18.4', systemIdentifier: '7', lsn: '0/1' },
  migrations: [{ name: '001_journal', sha256: '00' }],
  heads: [{ shard: 'main', position: 2, hash: 'ab', epoch: 1, recordedAt: 5 }],
  snapshots: [],
};
const KEY: Secret = { kind: 'key', bytes: randomBytes(32) };
const secrets: readonly (readonly [string, Secret | undefined])[] = [
  ['in the clear', undefined],
  ['under a key', KEY],
];

interface Table {
  readonly table: string;
  readonly rows: readonly RawRow[];
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

async function* partsOf(tables: readonly Table[]): AsyncGenerator<DumpedPart> {
  for (const { table, rows } of tables) {
    yield { label: { table, shard: null, columns: [{ name: 'a', type: 'bytea' }] }, rows: each(rows) };
  }
}

async function written(
  tables: readonly Table[],
  secret: Secret | undefined,
  preface = PREFACE,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const dump = { preface, parts: partsOf(tables) };
  for await (const chunk of archiveOf(dump, { secret, now: () => '2026-01-02T03:04:06Z' }))
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** In pieces that end anywhere. */
async function* inPieces(file: Buffer, length = 1_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < file.length; at += length) yield file.subarray(at, at + length);
}

async function read(file: Buffer, secret: Secret | undefined, pieces?: number): Promise<ArchiveRecord[]> {
  const records: ArchiveRecord[] = [];
  for await (const record of readArchive(inPieces(file, pieces), secret)) records.push(record);
  return records;
}

function tablesIn(records: readonly ArchiveRecord[]): Table[] {
  const tables: { table: string; rows: RawRow[] }[] = [];
  for (const record of records) {
    if (record.kind === 'part') tables.push({ table: record.part.table, rows: [] });
    if (record.kind === 'rows') tables.at(-1)?.rows.push(...rowsIn(record.rows.bytes));
  }
  return tables;
}

const anyField = fc.option(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  { nil: undefined },
);
const anyTables = fc.array(
  fc.record({ table: fc.string({ maxLength: 8 }), rows: fc.array(fc.array(anyField, { maxLength: 4 })) }),
  { maxLength: 4 },
);
const SOME: readonly Table[] = [
  { table: 'users', rows: [[Buffer.from('alice'), undefined]] },
  { table: 'journal', rows: Array.from({ length: 50 }, (_, i) => [Buffer.alloc(300, i), randomBytes(40)]) },
];

describe.each(secrets)('%s', (_how, secret) => {
  test('whatever is written is read back, row for row, wherever the stream is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(anyTables, fc.integer({ min: 1, max: 5_000 }), async (tables, pieces) => {
        const records = await read(await written(tables, secret), secret, pieces);
        expect(tablesIn(records)).toEqual(tables);
        const last = records.at(-1) as { kind: string; manifest: Manifest };
        expect(last.kind).toBe('manifest');
        expect(last.manifest.parts.map(({ rows }) => rows)).toEqual(tables.map(({ rows }) => rows.length));
      }),
    );
  });

  test('a byte that is changed anywhere is found', async () => {
    const file = await written(SOME, secret);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: file.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const changed = Buffer.from(file);
          changed.writeUInt8((changed[at] ?? 0) ^ flip, at);
          const code = expect.stringMatching(/^(BACKUP_INVALID|ARGUMENT_INVALID)$/);
          await expect(read(changed, secret)).rejects.toMatchObject({ code });
        },
      ),
      { numRuns: 400 },
    );
  });

  test('a file that ends early, wherever, is found, and so is one that goes on', async () => {
    const file = await written(SOME, secret);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: file.length - 1 }), async (length) => {
        await expect(read(file.subarray(0, length), secret)).rejects.toMatchObject({
          code: 'BACKUP_INVALID',
        });
      }),
    );
    const longer = Buffer.concat([file, Buffer.from([0])]);
    await expect(read(longer, secret)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
  });

  test('chunks that change places, or come twice, or not at all, are found', async () => {
    const large = [{ table: 'journal', rows: Array.from({ length: 4_000 }, () => [randomBytes(1_000)]) }];
    const file = await written(large, secret);
    const { head, chunks, tail } = cut(file);
    expect(chunks.length).toBeGreaterThanOrEqual(4);
    const [first = file, second = file, ...rest] = chunks;
    expect(await read(Buffer.concat([head, ...chunks, tail]), secret)).not.toHaveLength(0); // cut rightly
    for (const others of [
      [second, first, ...rest],
      [first, first, second, ...rest],
      [first, ...rest],
    ]) {
      const forged = Buffer.concat([head, ...others, tail]);
      await expect(read(forged, secret)).rejects.toThrow(/chunk \d was changed, or stands where another/);
    }
  });
});

function cut(file: Buffer): { head: Buffer; chunks: Buffer[]; tail: Buffer } {
  const start = 19 + file.readUInt32BE(15);
  const chunks: Buffer[] = [];
  for (let at = start, isLast = false; !isLast; ) {
    const word = file.readUInt32BE(at);
    isLast = word >= 0x8000_0000;
    const end = at + 4 + (word & 0x7fff_ffff) + 16;
    chunks.push(file.subarray(at, end));
    at = end;
  }
  return { head: file.subarray(0, start), chunks, tail: file.subarray(-32) };
}

describe('a backup of a newer program', () => {
  test('is refused by the format of its records, and says which program reads it', async () => {
    const newer = await written(SOME, undefined, { ...PREFACE, format: 2, program: '9.9.9' });
    await expect(read(newer, undefined)).rejects.toMatchObject({
      code: 'BACKUP_INVALID',
      detail: 'it is of format 2, made by program 9.9.9; this one reads up to 1',
    });
  });
  test('is refused by its first line where its outside is another one', async () => {
    const file = await written(SOME, undefined);
    const newer = Buffer.concat([Buffer.from('itirp backup 2\n'), file.subarray(15)]);
    await expect(read(newer, undefined)).rejects.toThrow(/no backup, or one of a newer format/);
  });
});

describe('keys', () => {
  test('the same content under the same key makes another file each time, and shows none of it', async () => {
    const tables = [{ table: 'users', rows: [[Buffer.from('a plain text that compresses not at all')]] }];
    const one = await written(tables, KEY);
    expect(one.equals(await written(tables, KEY))).toBe(false);
    expect(one.includes('plain')).toBe(false);
  });

  test('another key, no key, and a key where there is none are told apart', async () => {
    const sealed = await written(SOME, KEY);
    const open = await written(SOME, undefined);
    const other: Secret = { kind: 'key', bytes: randomBytes(32) };
    await expect(read(sealed, other)).rejects.toThrow(/another key/);
    await expect(read(sealed, undefined)).rejects.toThrow(/is encrypted/);
    await expect(read(open, KEY)).rejects.toThrow(/not encrypted/);
    await expect(read(sealed, { kind: 'passphrase', text: 'x'.repeat(20) })).rejects.toThrow(/with a key/);
  });

  test('a passphrase opens what it closed, and another one does not', async () => {
    const secret = readSecret(Buffer.from('correct horse battery staple\n'));
    const file = await written(SOME, secret);
    expect(tablesIn(await read(file, secret))).toEqual(SOME);
    const wrong = readSecret(Buffer.from('correct horse battery stable\n'));
    await expect(read(file, wrong)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  test.each([
    ['hexadecimal', Buffer.from(`${'0f'.repeat(32)}\n`), 'key'],
    ['base64', Buffer.from(Buffer.alloc(32, 7).toString('base64')), 'key'],
    ['raw', Buffer.alloc(32, 200), 'key'],
    ['words', Buffer.from('correct horse battery staple'), 'passphrase'],
  ])('a key file of %s is understood', (_what, contents, kind) => {
    expect(readSecret(contents).kind).toBe(kind);
    expect(readStrongSecret(contents)).toEqual(readSecret(contents));
  });

  test.each([
    ['16 bytes in hexadecimal', `${'0f'.repeat(16)}\n`, /looks like a key of less than 32 bytes/],
    ['31 bytes in hexadecimal', '0f'.repeat(31), /less than 32 bytes/],
    [
      '24 bytes in base64',
      `${randomBytes(24).toString('base64').replace(/^.../, 'aB3')}\n`,
      /less than 32 bytes/,
    ],
    ['16 bytes in base64', Buffer.alloc(16, 7).toString('base64'), /less than 32 bytes/],
    ['32 characters without a line end', '0f'.repeat(16), /count as raw bytes/],
    ['32 characters of words', 'thirty two characters of a text!', /count as raw bytes/],
  ])('a key that is cut short seals nothing new, but opens what it has sealed: %s', (_what, text, says) => {
    const contents = Buffer.from(text);
    expect(() => readStrongSecret(contents)).toThrow(says);
    expect(() => readStrongSecret(contents)).toThrow(/openssl rand -hex 32.*at least 16 characters/);
    expect(() => readSecret(contents)).not.toThrow();
  });

  test('a short passphrase is refused', () => {
    for (const read of [readSecret, readStrongSecret])
      expect(() => read(Buffer.from('secret'))).toThrow(/too short.*at least 16 characters/);
  });
});
