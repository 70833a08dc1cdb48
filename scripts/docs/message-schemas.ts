/** What the messages hold, as JSON Schema: one line an event. A forgotten event does not compile. */
import type { EventName } from '../../src/projections/expansion.ts';
import { CONTENT_TYPE, SCHEMA_VERSION } from '../../src/publisher/messages.ts';

export type Schema = Readonly<Record<string, unknown>>;
type Properties = Readonly<Record<string, Schema>>;

const says = (schema: Schema, description: string): Schema => ({ ...schema, description });

const text: Schema = { type: 'string' };
const uuid: Schema = { type: 'string', format: 'uuid' };
const flag: Schema = { type: 'boolean' };
const time = says(
  { type: 'string', format: 'date-time', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$' },
  'UTC, with microseconds.',
);
const amount = says(
  { type: 'string', pattern: '^-?\\d+(\\.\\d{1,16})?$' },
  'An exact decimal as text: read it into a decimal type, not into a float.',
);
const position = says({ type: 'integer', minimum: 1 }, "The fact's place in the journal of its shard.");
const side: Schema = { type: 'string', enum: ['BUY', 'SELL'] };
const names: Schema = { type: 'array', items: text };

/** Those in `optional` may be missing, the others never. Nothing else is there. */
const object = (required: Properties, optional: Properties = {}): Schema => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
});

interface Shape {
  readonly says: string;
  readonly fields?: Properties;
  readonly optional?: Properties;
}

const executed = { executed_quantity: amount, leaves_quantity: amount };
const fill: Properties = {
  execution_id: text,
  quantity: amount,
  price: amount,
  ...executed,
  executed_price: says(amount, 'Average over all of its fills so far.'),
  closed_quantity: says(amount, 'What of the fill closed a position that was open.'),
  opened_quantity: amount,
  realized_pnl: says(amount, 'What the closing part earned.'),
};
const refusal = object({ rule: text }, { observed: amount, limit: amount, reference_price: amount });

/** What is particular to each of the guide's events: its `payload`, but for {@link ATTRIBUTION}. */
export const EVENTS: Readonly<Record<EventName, Shape>> = {
  ORDER_CREATED: {
    says: 'An order was asked for.',
    fields: {
      symbol: text,
      side,
      type: { enum: ['LIMIT', 'MARKET'] },
      quantity: amount,
      strategy: text,
      account: text,
    },
    optional: { price: says(amount, 'The limit; a market order has none.'), client_order_id: text },
  },
  RISK_CHECK_STARTED: { says: 'It is looked at.', fields: { symbol: text } },
  RISK_CHECK_PASSED: {
    says: 'Every rule passed, and the worst case is reserved.',
    fields: { mark: amount, reserve_price: amount, bound_price: amount },
  },
  RISK_CHECK_FAILED: {
    says: 'Our own rules said no; no venue saw the order.',
    fields: { violations: names, refusals: { type: 'array', items: refusal } },
  },
  EXECUTION_STARTED: { says: 'The venue has the order.' },
  EXECUTION_COMPLETED: { says: 'The fill that makes the order whole.', fields: fill },
  EXECUTION_FAILED: {
    says: 'A venue refused the order, or it verifiably never reached one.',
    fields: { why: text, by: { type: 'string', enum: ['venue', 'routing'] } },
  },
  ORDER_CANCELLED: { says: 'The venue took the order back.', fields: executed },
  ORDER_PARTIALLY_EXECUTED: { says: 'A fill that leaves some of the order open.', fields: fill },
  ORDER_EXPIRED: { says: 'The venue let the order lapse.', fields: executed },
  ORDER_DUPLICATE_REFUSED: {
    says: 'A client order id came again.',
    fields: { client_order_id: text, is_conflict: says(flag, 'With other content than the first time.') },
  },
  CANCEL_REQUESTED: { says: 'The venue is asked to cancel; the order may still be filled.' },
  CANCEL_REFUSED: { says: 'We said no to a cancel.', fields: { why: text } },
  CANCEL_REJECTED: { says: 'The venue said no to a cancel: the order works on.', fields: { why: text } },
  VENUE_REPORT_UNMATCHED: {
    says: 'A venue reported what fits no order.',
    fields: { report: text, why: text },
    optional: { execution_id: text },
  },
  LIMITS_CHANGED: {
    says: 'These limits are in force from here on.',
    fields: {
      max_position_size: amount,
      max_daily_volume: amount,
      max_net_exposure: amount,
      max_gross_exposure: amount,
    },
  },
  KILL_SWITCH_ENGAGED: { says: 'All trading is halted.' },
  KILL_SWITCH_RELEASED: { says: 'Orders are taken again.' },
  USER_LOGIN: { says: 'Somebody logged in.', fields: { subject: text } },
  LOGIN_REFUSED: { says: 'Somebody was not let in.', fields: { subject: text } },
  DATA_EXPORTED: { says: 'Somebody took data out.', fields: { subject: text } },
  INSTRUMENT_LISTED: {
    says: 'An instrument may be traded.',
    fields: { symbol: text, currency: text, tick_size: amount, lot_size: amount },
  },
  ACCOUNT_OPENED: { says: 'An order named an account for the first time.', fields: { account: text } },
  TRADING_DAY_STARTED: { says: 'A new trading day.', fields: { date: { type: 'string', format: 'date' } } },
  TRADING_OPENED: { says: 'The venues are reconciled: orders may come.' },
  TRADING_CLOSED: { says: 'No order until the venues are reconciled again.', fields: { why: text } },
};

/** In every payload: where the fact came from, and why. */
const ATTRIBUTION = {
  fields: {
    origin: says(text, "A client's address, `system`, or `venue:NAME`."),
    journal_position: position,
  },
  optional: {
    order_reference: says(text, 'The order id that was named, where it is no UUID.'),
    request_correlation_id: says(text, "Of the request, where it is not the order's own."),
    reason: text,
  },
};

/** The data that tell of the event `name`. */
export function eventSchema(name: EventName): Schema {
  const { fields = {}, optional = {} } = EVENTS[name];
  return object({
    event_id: uuid,
    event_type: { type: 'string', const: name },
    correlation_id: uuid,
    order_id: { type: ['string', 'null'], format: 'uuid' },
    timestamp: time,
    user_id: text,
    payload: object({ ...fields, ...ATTRIBUTION.fields }, { ...optional, ...ATTRIBUTION.optional }),
  });
}

const where: Properties = { timestamp: time, shard: text, journal_position: position };

/** The data that are no events of the guide, by their type. */
export const NEWS = {
  ORDER_FILLED: {
    says: 'A venue traded an order or a part of it: one message each, however many events it becomes.',
    schema: object({
      execution_id: text,
      order_id: uuid,
      account: text,
      symbol: text,
      side,
      quantity: amount,
      price: amount,
      closed_quantity: amount,
      opened_quantity: amount,
      realized_pnl: amount,
      ...where,
    }),
  },
  POSITION_CHANGED: {
    says: 'What an account holds of one instrument after a fill. The highest `journal_position` is the newest.',
    schema: object({
      account: text,
      symbol: text,
      quantity: says(amount, 'Short is negative.'),
      average_price: { ...amount, type: ['string', 'null'], description: 'Null when flat.' },
      cost: says(amount, 'What the open units cost, signed as they are.'),
      realized_pnl: says(amount, 'Of everything that was closed so far.'),
      ...where,
    }),
  },
  MARK_SAMPLED: {
    says: 'What is held or working of the instrument is valued at this mark from here on.',
    schema: object({ symbol: text, mark: amount, ...where }),
  },
} as const satisfies Record<string, { readonly says: string; readonly schema: Schema }>;
export type NewsName = keyof typeof NEWS;

const version = says(
  { type: 'string', const: SCHEMA_VERSION },
  'Raised when a member of `data` changes or goes.',
);
const id = says(
  text,
  'The same each time the message is sent: whoever has seen it with this `source` passes it over.',
);

/** The body of a message of the type `name`: a CloudEvent that holds `data`. */
export const enveloped = (name: EventName | NewsName, data: Schema): Schema =>
  object({
    specversion: { type: 'string', const: '1.0' },
    schemaversion: version,
    source: says({ type: 'string', pattern: '^/itirp/shards/.+$' }, 'Whose journal it is from.'),
    id,
    type: { type: 'string', const: `itirp.${name}` },
    time,
    correlationid: uuid,
    data,
  });

const headers = {
  'content-type': { type: 'string', const: CONTENT_TYPE },
  ce_id: says(text, "The envelope's `id`."),
  ce_schemaversion: says(version, "The envelope's `schemaversion`."),
};

const traceparent = says(
  { type: 'string', pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-01$' },
  'W3C Trace Context of a fact that is traced, to go on with; others have none.',
);

/** What every message has in its headers, as text; the last where the fact is traced. */
export const HEADERS: Schema = {
  type: 'object',
  properties: { ...headers, traceparent },
  required: Object.keys(headers),
  additionalProperties: false,
};
