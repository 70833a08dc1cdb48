/** Rows come whole out of a COPY, wherever its chunks end. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copiedRows, type RawRow } from './copied-rows.ts';

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);

function encoded(rows: readonly RawRow[]): Buffer {
  const parts = rows.flatMap((row) => {
    const count = Buffer.alloc(2);
    count.writeInt16BE(row.length);
    const fields = row.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(field === undefined ? -1 : field.length);
      return field === undefined ? [length] : [length, field];
    });
    return [count, ...fields];
  });
  return Buffer.concat([HEADER, ...parts, TRAILER]);
}

function chunked(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const anyField = fc.option(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  { nil: undefined },
);
const anyRows = fc.array(fc.array(anyField, { minLength: 1, maxLength: 7 }), { maxLength: 10 });
const anySizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 });

test('a copy that ends without its trailer is not taken for whole', async () => {
  const whole = encoded([[Buffer.from('first')], [Buffer.from('second'), undefined]]);
  const read = async (bytes: Buffer): Promise<number> => {
    let rows = 0;
    for await (const _ of copiedRows(Readable.from([bytes]))) rows += 1;
    return rows;
  };
  expect(await read(whole)).toBe(2);
  for (let length = 0; length < whole.length; length += 1) {
    await expect(read(whole.subarray(0, length))).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
  }
});

test('any rows in any chunks', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, anySizes, async (rows, sizes) => {
      const read: RawRow[] = [];
      for await (const row of copiedRows(Readable.from(chunked(encoded(rows), sizes)))) read.push(row);
      expect(read).toEqual(rows);
    }),
  );
});
