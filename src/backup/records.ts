/**
 * The records of a backup as bytes, before they are compressed: a kind, a length, and JSON or rows.
 *
 *   kind                       u8: 1 preface, 2 part, 3 rows, 4 end of the part, 5 manifest
 *   length                     u32, of what follows
 *   JSON; of rows: how many, and they   u32, binary COPY
 */
import { Fault } from '../faults/fault.ts';
import {
  type ArchiveRecord,
  FORMAT,
  type Manifest,
  type PartEnd,
  type PartLabel,
  type Preface,
} from './archive.ts';
import { ByteReader } from './byte-reader.ts';

const KINDS = { preface: 1, part: 2, rows: 3, end: 4, manifest: 5 } as const;
const HEAD_BYTES = 5;
/** PostgreSQL's own limit for a value, and room for what stands around it. */
const LENGTH_MAX = 0x4100_0000;

export function recordBytes(record: ArchiveRecord): Buffer {
  if (record.kind !== 'rows')
    return framed(KINDS[record.kind], Buffer.from(JSON.stringify(contentOf(record))));
  const { count, bytes } = record.rows;
  const head = Buffer.alloc(HEAD_BYTES + 4);
  head.writeUInt8(KINDS.rows);
  head.writeUInt32BE(bytes.length + 4, 1);
  head.writeUInt32BE(count, HEAD_BYTES);
  return Buffer.concat([head, bytes]);
}

function contentOf(record: Exclude<ArchiveRecord, { kind: 'rows' }>): unknown {
  switch (record.kind) {
    case 'preface':
      return record.preface;
    case 'part':
      return record.part;
    case 'end':
      return record.end;
    case 'manifest':
      return record.manifest;
  }
}

function framed(kind: number, content: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(kind);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

/** Every record up to the manifest, behind which nothing may stand. @throws Fault BACKUP_INVALID */
export async function* recordsIn(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveRecord> {
  const reader = new ByteReader(stream);
  try {
    for (;;) {
      const head = await reader.take(HEAD_BYTES);
      const kind = head.readUInt8();
      const length = head.readUInt32BE(1);
      if (length > LENGTH_MAX) throw new Fault('BACKUP_INVALID', 'a record claims an impossible length');
      const record = recordOf(kind, await reader.take(length));
      yield record;
      if (record.kind !== 'manifest') continue;
      if (!(await reader.isAtEnd())) throw new Fault('BACKUP_INVALID', 'something stands after its manifest');
      return;
    }
  } finally {
    await reader.close();
  }
}

function recordOf(kind: number, content: Buffer): ArchiveRecord {
  switch (kind) {
    case KINDS.rows: {
      if (content.length < 4) throw new Fault('BACKUP_INVALID', 'a record of rows is too short');
      return { kind: 'rows', rows: { count: content.readUInt32BE(), bytes: content.subarray(4) } };
    }
    case KINDS.preface:
      return { kind: 'preface', preface: checkFormat(parse<Preface>(content)) };
    case KINDS.part:
      return { kind: 'part', part: parse<PartLabel>(content) };
    case KINDS.end:
      return { kind: 'end', end: parse<PartEnd>(content) };
    case KINDS.manifest:
      return { kind: 'manifest', manifest: parse<Manifest>(content) };
    default:
      throw new Fault('BACKUP_INVALID', `it holds a record of an unknown kind, ${kind}`);
  }
}

/** Its bytes are proven by their seal: what reads is what this program's like has written. */
function parse<Content>(content: Buffer): Content {
  try {
    return JSON.parse(content.toString('utf8')) as Content;
  } catch (error) {
    throw new Fault('BACKUP_INVALID', 'a record does not read', { cause: error });
  }
}

function checkFormat(preface: Preface): Preface {
  if (preface.format >= 1 && preface.format <= FORMAT) return preface;
  throw new Fault(
    'BACKUP_INVALID',
    `it is of format ${preface.format}, made by program ${preface.program}; this one reads up to ${FORMAT}`,
  );
}
