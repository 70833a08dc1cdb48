/**
 * A batch's entries as the body of one row, and back. The body is MessagePack: `[version, entries]`, an entry
 * `[at, user, origin, correlationId, reason, events]`, an event `[tag, ...fields]` by event-fields.ts.
 *
 * To change the format: copy event-fields.ts to event-fields-N.ts with the old version's types and leave it alone,
 * change the table, raise VERSION, and add the old version to READERS with what makes its events new ones. Rows are
 * never rewritten; a test decodes a body of every version there ever was.
 */
import type { Event } from '../core/events.ts';
import type { CorrelationId, Micros, Position, UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { CommittedBatch, Entry } from './entry.ts';
import { EVENT_FIELDS } from './event-fields.ts';
import { compileReader, compileWriter, type ReadEvent } from './field-compiler.ts';
import type { SealedBatch } from './journal.ts';
import { WireMismatch, WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** The version that bodies are written in. */
export const VERSION = 2;

const readEvents = compileReader<Event>(EVENT_FIELDS);

/** How the events of each version are read, as events of today. Version 2 only knows one more word: DEADLINE_PASSED. */
const READERS: Readonly<Record<number, ReadEvent<Event>>> = { 1: readEvents, 2: readEvents };

const ENTRY_LENGTH = 6;
const writeEvent = compileWriter<Event>(EVENT_FIELDS);
const writer = new WireWriter();

/** The body of a row. @throws InvariantBroken when a text is not well-formed Unicode */
export function encodeEntries(entries: readonly Entry[]): Buffer {
  writer.reset();
  writer.array(2);
  writer.small(VERSION);
  writer.array(entries.length);
  for (const entry of entries) writeEntry(entry);
  return writer.toBuffer();
}

function writeEntry(entry: Entry): void {
  writer.array(ENTRY_LENGTH);
  writer.micros(entry.at);
  writer.text(entry.user);
  writer.text(entry.origin);
  writer.id(entry.correlationId);
  if (entry.reason === undefined) writer.nothing();
  else writer.text(entry.reason);
  writer.array(entry.events.length);
  for (const event of entry.events) writeEvent(writer, event);
}

/** The entries of a body, whatever version wrote it. @throws Fault JOURNAL_CORRUPT */
export function decodeEntries(body: Buffer): Entry[] {
  try {
    const reader = new WireReader(body);
    reader.arrayOf(2);
    const version = reader.small();
    const readEvent = READERS[version];
    if (readEvent === undefined) throw new WireMismatch(`version ${version} is unknown to this program`);
    const entries = new Array<Entry>(reader.array());
    for (let i = 0; i < entries.length; i += 1) entries[i] = readEntry(reader, readEvent);
    reader.end();
    return entries;
  } catch (error) {
    // A RangeError: the bytes end in the middle of a value, or claim an impossible length.
    if (!(error instanceof WireMismatch) && !(error instanceof RangeError)) throw error;
    throw new Fault('JOURNAL_CORRUPT', error.message, { cause: error });
  }
}

function readEntry(reader: WireReader, readEvent: ReadEvent<Event>): Entry {
  reader.arrayOf(ENTRY_LENGTH);
  const at = reader.micros() as Micros;
  const user = reader.text() as UserId;
  const origin = reader.text();
  const correlationId = reader.id() as CorrelationId;
  const reason = reader.isNothing() ? undefined : reader.text();
  const events = new Array<Event>(reader.array());
  for (let i = 0; i < events.length; i += 1) events[i] = readEvent(reader);
  return { at, user, origin, correlationId, reason, events };
}

/** How many events the entries hold: the row's `count`. */
export function countEvents(entries: readonly Entry[]): number {
  let count = 0;
  for (const { events } of entries) count += events.length;
  return count;
}

/** A row as its readers want it. @throws Fault JOURNAL_CORRUPT: also when the row's count is not the body's */
export function decodeBatch(row: SealedBatch): CommittedBatch {
  const entries = decodeEntries(row.body);
  const count = countEvents(entries);
  if (count !== row.count) {
    throw new Fault(
      'JOURNAL_CORRUPT',
      `position ${row.firstPosition}: ${row.count} events announced, ${count} there`,
    );
  }
  const lastPosition = (row.firstPosition + row.count - 1) as Position;
  return { firstPosition: row.firstPosition, lastPosition, entries };
}
