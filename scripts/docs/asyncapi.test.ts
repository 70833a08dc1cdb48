import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Announcement } from '../../src/bus/announcer.ts';
import { EVENT_TOPICS } from '../../src/bus/topics.ts';
import type { Event } from '../../src/core/events.ts';
import { EVENT_NAMES } from '../../src/projections/expansion.ts';
import { anyAct, Trading } from '../../src/projections/testing/trading.ts';
import { Desk } from '../../src/publisher/testing/desk.ts';
import { asyncApi } from './asyncapi.ts';
import { NEWS, type Schema } from './message-schemas.ts';

const schemaOfAsyncApi = createRequire(import.meta.url)(
  '@asyncapi/specs/schemas/3.0.0-without-$id.json',
) as Schema;

/** As a reader of the document would see it. */
interface Document {
  readonly channels: Readonly<
    Record<string, { readonly messages: Readonly<Record<string, { $ref: string }>> }>
  >;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly name: string; readonly payload: Schema }>>;
    readonly schemas: { readonly headers: Schema };
  };
}
const document = asyncApi('1.2.3') as unknown as Document;

const [acts = []] = fc.sample(fc.array(anyAct, { minLength: 1_500, maxLength: 1_500 }), {
  seed: 3,
  numRuns: 1,
});
/** Facts that no act of trading brings about. */
const rare: readonly Event[] = [
  { type: 'TradingClosed', why: 'the venue is away' },
  { type: 'AccessRecorded', what: 'LoggedIn', subject: 'trader1' },
  { type: 'AccessRecorded', what: 'Exported', subject: 'orders' },
];

let told: readonly Announcement[] = [];
beforeAll(async () => {
  const { entries } = new Trading().act(...acts);
  const { at, ...by } = entries.at(-1) ?? entries[0] ?? expect.fail('a history');
  const duplicate: Event = {
    type: 'DuplicateRefused',
    user: by.user,
    clientOrderId: 'C-1' as never,
    firstOrderId: '00000000-0000-7000-8000-000000000000' as never,
    isConflict: true,
  };
  const marks: Event = {
    type: 'MarksSampled',
    marks: [{ ticker: 'AAPL' as never, price: 15_025_000_000n as never }],
  };
  const desk = new Desk();
  await desk.write([...entries, { ...by, at, events: [...rare, duplicate, marks] }]);
  await desk.tellAll();
  told = desk.wire.told;
});

const formats = { uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, date: /^\d{4}-\d\d-\d\d$/ };
const newAjv = (): Ajv =>
  new Ajv({ allErrors: true, allowUnionTypes: true, formats: { ...formats, 'date-time': true } });

test('the document is AsyncAPI 3.0', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
  const validate = ajv.compile(schemaOfAsyncApi);
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  expect(validate({ ...document, channels: 'none' })).toBe(false);
});

test('every topic is in it, and each says what goes over it', () => {
  expect(Object.keys(document.channels)).toEqual([...EVENT_TOPICS]);
  expect(Object.keys(document.channels['audit.events']?.messages ?? {})).toEqual([...EVENT_NAMES]);
});

describe('what is really told', () => {
  test('is every kind of message that the document names', () => {
    const types = new Set(told.map((one) => envelopeOf(one).type));
    const wanted = [...EVENT_NAMES, ...Object.keys(NEWS)].map((name) => `itirp.${name}`);
    expect(types).toEqual(new Set(wanted));
  });

  test('validates, headers and body, against what the document says of its topic', () => {
    const ajv = newAjv();
    const headers = ajv.compile(document.components.schemas.headers);
    const payloads = new Map<string, ValidateFunction>();
    for (const { name, payload } of Object.values(document.components.messages)) {
      payloads.set(name, ajv.compile(payload));
    }
    for (const one of told) {
      const head = headersOf(one);
      const envelope = envelopeOf(one);
      const name = envelope.type.replace('itirp.', '');
      expect(Object.keys(document.channels[one.topic]?.messages ?? {})).toContain(name);
      expect(headers(head) ? [] : headers.errors).toEqual([]);
      expect(head.ce_id).toBe(envelope.id);
      const payload = payloads.get(envelope.type) ?? expect.fail(name);
      expect(payload(envelope) ? [] : [String(one.body), payload.errors]).toEqual([]);
    }
    expect(told.length).toBeGreaterThan(1_000);
  });
});

const headersOf = ({ headers }: Announcement): Readonly<Record<string, string>> =>
  Object.fromEntries(headers);

const envelopeOf = ({ body }: Announcement): { readonly type: string; readonly id: string } =>
  JSON.parse(String(body)) as { type: string; id: string };
