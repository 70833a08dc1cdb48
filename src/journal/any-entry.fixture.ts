/** For tests: any entry that the field table allows, so that a new event or field is covered the day it is added. */
import fc from 'fast-check';
import type { Event } from '../core/events.ts';
import type { CorrelationId, Micros, UserId } from '../core/values/names.ts';
import type { Entry } from './entry.ts';
import { type AnyField, type AnyFields, EVENT_FIELDS } from './event-fields.ts';

/** Well-formed Unicode of any kind, with NUL, line ends and four-byte letters in it. */
const anyText = fc.string({ unit: 'binary' });
const anyId = fc.oneof(
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  anyText,
);
/** Also far beyond 64 bits. */
const anyFixed = fc.oneof(
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
  fc.constantFrom(
    0n,
    -1n,
    2n ** 63n - 1n,
    2n ** 63n,
    -(2n ** 63n),
    -(2n ** 63n) - 1n,
    2n ** 64n,
    2n ** 71n,
    -(2n ** 71n),
  ),
);

function anyOf(field: AnyField): fc.Arbitrary<unknown> {
  if (field === 'flag') return fc.boolean();
  if (field === 'fixed') return anyFixed;
  if (field === 'id') return anyId;
  if (field === 'text') return anyText;
  if ('optional' in field) return fc.option(anyOf(field.optional), { nil: undefined });
  if ('oneOf' in field) return fc.constantFrom(...Object.keys(field.oneOf));
  if ('list' in field) return fc.array(anyOf(field.list), { maxLength: 20 });
  return anyObject(field.fields);
}

const anyObject = (fields: AnyFields): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, anyOf(field)])), {
    noNullPrototype: true,
  });

/** Any event of any type. */
export const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  ...Object.entries(EVENT_FIELDS).map(([type, { fields }]) =>
    anyObject(fields).map((event) => ({ type, ...event }) as unknown as Event),
  ),
);

export const anyEntry: fc.Arbitrary<Entry> = fc.record(
  {
    at: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }).map((at) => at as Micros),
    user: anyText.map((text) => text as UserId),
    origin: anyText,
    correlationId: anyId.map((id) => id as CorrelationId),
    reason: fc.option(anyText, { nil: undefined }),
    events: fc.array(anyEvent, { minLength: 1, maxLength: 5 }),
  },
  { noNullPrototype: true },
);
