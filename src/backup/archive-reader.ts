/** Reads a backup as a stream, and lets nothing pass that is not as it was written and where it was written. */
import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { codeOf, messageOf } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import {
  type ArchiveRecord,
  type Manifest,
  nameOfPart,
  type PartEnd,
  type PartLabel,
  type Preface,
} from './archive.ts';
import { unwrap } from './envelope.ts';
import type { Secret } from './keys.ts';
import { recordsIn } from './records.ts';

/**
 * Its records in their order. The whole is proven when the last one has been taken and the generator has ended: who
 * acts on rows before must be able to take that back.
 * @throws Fault BACKUP_INVALID, ARGUMENT_INVALID: the key
 */
export async function* readArchive(
  file: AsyncIterable<Uint8Array>,
  secret: Secret | undefined,
): AsyncGenerator<ArchiveRecord> {
  const order = new Order();
  for await (const record of recordsIn(decompressed(unwrap(file, secret)))) {
    order.take(record);
    yield record;
  }
  order.end();
}

async function* decompressed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const zstd = createZstdDecompress();
  const feeding = pipeline(Readable.from(source, { objectMode: false }), zstd);
  feeding.catch(() => {}); // whoever reads hears of it
  try {
    for await (const chunk of zstd) yield chunk as Buffer;
    await feeding; // a backup whose end is not proven is none
  } catch (error) {
    if (codeOf(error)?.startsWith('ZSTD') !== true) throw error;
    throw new Fault('BACKUP_INVALID', `it does not decompress: ${messageOf(error)}`, { cause: error });
  }
}

/** Preface, parts with their rows and sums, manifest: anything else is no backup. */
class Order {
  #preface: Preface | undefined;
  #part: PartLabel | undefined;
  #digest: Hash = createHash('sha256');
  #rows = 0;
  #bytes = 0;
  #isOver = false;
  readonly #seen: (PartLabel & PartEnd)[] = [];

  take(record: ArchiveRecord): void {
    if (this.#isOver) throw invalid('something stands after its manifest');
    if (record.kind === 'preface') {
      if (this.#preface !== undefined) throw invalid('it begins twice');
      this.#preface = record.preface;
      return;
    }
    if (this.#preface === undefined) throw invalid('it does not begin with its preface');
    if (record.kind === 'manifest') this.#close(record.manifest, this.#preface);
    else if (record.kind === 'part') this.#open(record.part);
    else if (this.#part === undefined) throw invalid('rows stand in no part');
    else if (record.kind === 'rows') this.#count(record.rows);
    else this.#endPart(this.#part, record.end);
  }

  end(): void {
    if (!this.#isOver) throw invalid('it has no manifest');
  }

  #open(part: PartLabel): void {
    if (this.#part !== undefined) throw invalid(`${nameOfPart(this.#part)} has no end`);
    this.#part = part;
    this.#digest = createHash('sha256');
    this.#rows = 0;
    this.#bytes = 0;
  }

  #count({ count, bytes }: { count: number; bytes: Buffer }): void {
    this.#rows += count;
    this.#bytes += bytes.length;
    this.#digest.update(bytes);
  }

  #endPart(part: PartLabel, { rows, bytes, sha256 }: PartEnd): void {
    const isWhole = rows === this.#rows && bytes === this.#bytes;
    if (!isWhole) throw invalid(`${nameOfPart(part)} announces ${rows} rows and holds ${this.#rows}`);
    if (this.#digest.digest('hex') !== sha256) throw invalid(`${nameOfPart(part)} has another checksum`);
    this.#seen.push({ ...part, rows, bytes, sha256 });
    this.#part = undefined;
  }

  #close(manifest: Manifest, preface: Preface): void {
    if (this.#part !== undefined) throw invalid(`${nameOfPart(this.#part)} has no end`);
    const { endedAt: _, parts, ...told } = manifest;
    const areSame = JSON.stringify(parts) === JSON.stringify(this.#seen);
    if (!areSame || JSON.stringify(told) !== JSON.stringify(preface)) {
      throw invalid('its manifest tells of another content');
    }
    this.#isOver = true;
  }
}

const invalid = (says: string): Fault => new Fault('BACKUP_INVALID', says);
