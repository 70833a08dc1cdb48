/** Writes a backup as a stream: rows are compressed, sealed and gone before the next ones are asked for. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import type { RawRow } from '../journal/copied-rows.ts';
import type { ArchiveRecord, Manifest, PartEnd, PartLabel, Preface } from './archive.ts';
import { wrap } from './envelope.ts';
import type { Secret } from './keys.ts';
import { recordBytes } from './records.ts';
import { rowBytes } from './row-bytes.ts';

/** Everything that goes into a backup, as of one moment. */
export interface Dump {
  readonly preface: Preface;
  /** In turn: the rows of a part are read to their end before the next part is asked for. */
  readonly parts: AsyncIterable<DumpedPart>;
}

export interface DumpedPart {
  readonly label: PartLabel;
  readonly rows: AsyncIterable<RawRow>;
}

export interface WriterOptions {
  readonly secret: Secret | undefined;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Hears how many rows are written, now and then. */
  readonly onProgress?: ((part: PartLabel, rows: number) => void) | undefined;
  /** Hears what was written, before the last bytes are given out. */
  readonly onManifest?: ((manifest: Manifest) => void) | undefined;
}

/** Rows are gathered up to about this many bytes. */
const RECORD_BYTES = 256 * 1024;
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } };

/** The bytes of a backup file. */
export const archiveOf = (dump: Dump, options: WriterOptions): AsyncGenerator<Buffer> =>
  wrap(compressed(bytesOf(dump, options)), options.secret);

async function* compressed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const zstd = createZstdCompress(ZSTD);
  const feeding = pipeline(Readable.from(source, { objectMode: false }), zstd);
  feeding.catch(() => {}); // whoever reads hears of it
  for await (const chunk of zstd) yield chunk as Buffer;
  await feeding;
}

async function* bytesOf(dump: Dump, options: WriterOptions): AsyncGenerator<Buffer> {
  for await (const record of recordsOf(dump, options)) yield recordBytes(record);
}

async function* recordsOf({ preface, parts }: Dump, options: WriterOptions): AsyncGenerator<ArchiveRecord> {
  yield { kind: 'preface', preface };
  const written: (PartLabel & PartEnd)[] = [];
  for await (const { label, rows } of parts) {
    yield { kind: 'part', part: label };
    const digest = createHash('sha256');
    let end = { rows: 0, bytes: 0 };
    for await (const { count, bytes } of gathered(rows)) {
      digest.update(bytes);
      end = { rows: end.rows + count, bytes: end.bytes + bytes.length };
      yield { kind: 'rows', rows: { count, bytes } };
      options.onProgress?.(label, end.rows);
    }
    const sealed = { ...end, sha256: digest.digest('hex') };
    written.push({ ...label, ...sealed });
    yield { kind: 'end', end: sealed };
  }
  const manifest = { ...preface, endedAt: options.now(), parts: written };
  options.onManifest?.(manifest);
  yield { kind: 'manifest', manifest };
}

async function* gathered(rows: AsyncIterable<RawRow>): AsyncGenerator<{ count: number; bytes: Buffer }> {
  let waiting: Buffer[] = [];
  let length = 0;
  for await (const row of rows) {
    const bytes = rowBytes(row);
    waiting.push(bytes);
    length += bytes.length;
    if (length < RECORD_BYTES) continue;
    yield { count: waiting.length, bytes: Buffer.concat(waiting) };
    waiting = [];
    length = 0;
  }
  if (waiting.length > 0) yield { count: waiting.length, bytes: Buffer.concat(waiting) };
}
