/** The format of a row's body: exact in both directions, readable by others, and readable for ever. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import { expect, test } from 'vitest';
import type { Event, EventType } from '../core/events.ts';
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { anyEntry } from './any-entry.fixture.ts';
import { EMPTY, sealAfter } from './chain.ts';
import { countEvents, decodeBatch, decodeEntries, encodeEntries } from './codec.ts';
import type { Entry } from './entry.ts';
import { EVENT_FIELDS } from './event-fields.ts';
import { entriesOfVersion1 } from './fixtures/version-1.fixture.ts';
import { entriesOfVersion2 } from './fixtures/version-2.fixture.ts';

const anyEntries = fc.array(anyEntry, { maxLength: 10 });

test('whatever the field table allows comes back as it was', () => {
  fc.assert(
    fc.property(anyEntries, (entries) => {
      expect(decodeEntries(encodeEntries(entries))).toEqual(entries);
    }),
  );
});

test('a body of version 1 decodes today as it did when it was written', () => {
  const body = readFileSync(new URL('./fixtures/version-1.body', import.meta.url));
  expect(decodeEntries(body)).toEqual(entriesOfVersion1);
});

test('the fixture of version 1 holds every event type', () => {
  const types = new Set<EventType>(entriesOfVersion1.flatMap(({ events }) => events.map(({ type }) => type)));
  expect([...types].sort()).toEqual(Object.keys(EVENT_FIELDS).sort());
});

test('a body of version 2 decodes today as it did when it was written', () => {
  const body = readFileSync(new URL('./fixtures/version-2.body', import.meta.url));
  expect(decodeEntries(body)).toEqual(entriesOfVersion2);
});

test('what is written today is version 2, byte for byte', () => {
  const body = readFileSync(new URL('./fixtures/version-2.body', import.meta.url));
  expect(encodeEntries(entriesOfVersion2).equals(body)).toBe(true);
});

test('any MessagePack library can read a body', () => {
  const [first] = entriesOfVersion1;
  if (first === undefined) throw new Error('the fixture is empty');
  const decoded: unknown = new Unpackr({ int64AsType: 'bigint' }).unpack(encodeEntries([first]));
  const uuid = Buffer.from(first.correlationId.replaceAll('-', ''), 'hex');
  const nothing = null;
  const entry = [BigInt(first.at), first.user, first.origin, uuid, nothing, expect.any(Array)];
  expect(decoded).toEqual([2, [entry]]);
});

test('every tag is used once', () => {
  const tags = Object.values(EVENT_FIELDS).map(({ tag }) => tag);
  expect(new Set(tags).size).toBe(tags.length);
});

test('a text that comes again takes a byte or two', () => {
  const [entry] = entriesOfVersion1;
  if (entry === undefined) throw new Error('the fixture is empty');
  const wordy: Entry = { ...entry, events: [{ type: 'TradingClosed', why: 'x'.repeat(1_000) }] };
  const grown = encodeEntries([wordy, wordy]).length - encodeEntries([wordy]).length;
  expect(grown).toBeLessThan(100);
});

test('half a surrogate pair is never written: it would come back as another text', () => {
  const events: Event[] = [{ type: 'TradingClosed', why: 'broken \ud800' }];
  const entry = { ...(entriesOfVersion1[0] as Entry), events };
  expect(() => encodeEntries([entry])).toThrow('well-formed');
});

test('whatever is cut off or changed is JOURNAL_CORRUPT or another text or number, never a crash', () => {
  fc.assert(
    fc.property(anyEntries, fc.nat(), fc.integer({ min: 0, max: 255 }), (entries, place, byte) => {
      const body = encodeEntries(entries);
      const cut = body.subarray(0, place % body.length);
      expect(() => decodeEntries(cut)).toThrow(Fault);
      const changed = Buffer.from(body);
      changed[place % body.length] = byte;
      try {
        decodeEntries(changed);
      } catch (error) {
        expect(error).toMatchObject({ code: 'JOURNAL_CORRUPT' });
      }
    }),
  );
});

test('a version from the future is refused by its number', () => {
  const body = encodeEntries([]);
  body[1] = 99;
  expect(() => decodeEntries(body)).toThrow('version 99');
});

test('a row whose count is not that of its body is corrupt', () => {
  const body = encodeEntries(entriesOfVersion1);
  const count = countEvents(entriesOfVersion1);
  const at = entriesOfVersion1[0]?.at;
  if (at === undefined) throw new Error('the fixture is empty');
  const row = sealAfter(EMPTY, { shard: 'main', count, epoch: 1, recordedAt: at, body });
  expect(decodeBatch(row)).toMatchObject({ firstPosition: 1, lastPosition: count as Position });
  expect(() => decodeBatch({ ...row, count: count + 1 })).toThrow('events announced');
});
