/** Rows to bytes and back, as PostgreSQL's binary COPY writes them: a count of fields, then each with its length. */
import { Fault } from '../faults/fault.ts';
import type { RawRow } from '../journal/copied-rows.ts';

const NULL_LENGTH = -1;

/** What stands before and after the rows of a binary COPY. */
export const COPY_HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);

export function rowBytes(row: RawRow): Buffer {
  let length = 2;
  for (const field of row) length += 4 + (field?.length ?? 0);
  const bytes = Buffer.allocUnsafe(length);
  let at = bytes.writeInt16BE(row.length);
  for (const field of row) {
    at = bytes.writeInt32BE(field?.length ?? NULL_LENGTH, at);
    if (field !== undefined) at += field.copy(bytes, at);
  }
  return bytes;
}

/** The fields are parts of `bytes`, not copies. @throws Fault BACKUP_INVALID: they are no whole rows */
export function* rowsIn(bytes: Buffer): Generator<RawRow> {
  try {
    for (let at = 0; at < bytes.length; ) {
      const row = new Array<Buffer | undefined>(bytes.readInt16BE(at));
      at += 2;
      for (let i = 0; i < row.length; i += 1) {
        const length = bytes.readInt32BE(at);
        at += 4;
        if (length === NULL_LENGTH) continue;
        if (length < 0 || at + length > bytes.length) throw new RangeError('a field ends outside its rows');
        row[i] = bytes.subarray(at, at + length);
        at += length;
      }
      yield row;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Fault('BACKUP_INVALID', `its rows do not read: ${error.message}`, { cause: error });
  }
}
