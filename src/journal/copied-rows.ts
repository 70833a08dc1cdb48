/** Reads rows as raw bytes, by COPY in binary: half the bytes of a query's text, and nothing to parse. */
import type { Readable } from 'node:stream';
import { assert } from '../core/values/assert.ts';
import { Fault } from '../faults/fault.ts';

/** A row's fields as PostgreSQL sends them; undefined: null. */
export type RawRow = readonly (Buffer | undefined)[];

/** `PGCOPY`, flags and the length of an extension that nobody uses yet. */
const HEADER_BYTES = 19;
const NULL_LENGTH = -1;

/**
 * The rows of a `copy (...) to stdout with (format binary)`, whose chunks may end anywhere.
 * @throws Fault JOURNAL_UNAVAILABLE: it ends before its trailer, so rows may be missing
 */
export async function* copiedRows(stream: Readable): AsyncGenerator<RawRow> {
  let buffer: Buffer = Buffer.alloc(0);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let needed = HEADER_BYTES;
  let isHeaderRead = false;
  for await (const chunk of stream) {
    assert(Buffer.isBuffer(chunk), 'COPY sends bytes');
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes < needed) continue; // joined once for a large row, not with every chunk

    buffer = waiting.length === 1 ? chunk : Buffer.concat(waiting);
    let at = 0;
    if (!isHeaderRead) {
      at = HEADER_BYTES;
      isHeaderRead = true;
    }
    for (;;) {
      const size = rowSize(buffer, at);
      needed = size.needed;
      if (!size.isWhole) break;
      if (size.needed === 2) return; // the trailer
      yield fieldsAt(buffer, at);
      at += size.needed;
    }
    buffer = buffer.subarray(at);
    waiting = [buffer];
    waitingBytes = buffer.length;
  }
  throw new Fault('JOURNAL_UNAVAILABLE', 'the rows broke off in the middle');
}

/** How many bytes the row at `at` has; of a row that is cut off, at least how many. */
function rowSize(buffer: Buffer, at: number): { needed: number; isWhole: boolean } {
  let end = at + 2;
  if (buffer.length < end) return { needed: 2, isWhole: false };
  const fields = buffer.readInt16BE(at);
  for (let i = 0; i < fields; i += 1) {
    if (buffer.length < end + 4) return { needed: end + 4 - at, isWhole: false };
    const length = buffer.readInt32BE(end);
    end += 4 + (length === NULL_LENGTH ? 0 : length);
  }
  return { needed: end - at, isWhole: buffer.length >= end };
}

function fieldsAt(buffer: Buffer, start: number): RawRow {
  let at = start + 2;
  return Array.from({ length: buffer.readInt16BE(start) }, () => {
    const length = buffer.readInt32BE(at);
    at += 4;
    if (length === NULL_LENGTH) return undefined;
    at += length;
    return buffer.subarray(at - length, at);
  });
}
