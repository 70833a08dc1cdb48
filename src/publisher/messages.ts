/**
 * One fact as messages: CloudEvents 1.0 in Kafka's structured mode, the envelope and what happened in the body.
 * docs/asyncapi.json describes them (scripts/docs/message-schemas.ts); a test holds the two together.
 */
import type { Announcement } from '../bus/announcer.ts';
import { Slab } from '../bus/slab.ts';
import type { EventTopic } from '../bus/topics.ts';
import type { Event, OrderFilled } from '../core/events.ts';
import { averageOf } from '../core/positions/holding.ts';
import { assert } from '../core/values/assert.ts';
import type { Position } from '../core/values/names.ts';
import type { Entry } from '../journal/entry.ts';
import { eventIdsOf, shardTag, uuidFor } from '../projections/event-ids.ts';
import { eventRecords } from '../projections/event-records.ts';
import {
  decimal,
  decimalOr,
  type Fields,
  integer,
  type JsonText,
  object,
  product,
  words,
} from '../projections/json-text.ts';
import type { EventRecord } from '../projections/rows.ts';
import { wireTime } from '../protocol/times.ts';
import { AUDIT, routeOf } from './routes.ts';
import { type Moment, positionKey } from './standings.ts';

/** Of all bodies, in the header `ce_schemaversion` too. Fields may be added without raising it. */
export const SCHEMA_VERSION = '1';

/** A whole CloudEvent as JSON. */
export const CONTENT_TYPE = 'application/cloudevents+json';

type Header = Announcement['headers'][number];
const TYPED: Header = ['content-type', CONTENT_TYPE];
const SCHEMA: Header = ['ce_schemaversion', SCHEMA_VERSION];

/** What the other messages of a fact are numbered from: no fact becomes as many events. */
const FILL = 13;
const POSITION = 14;
const MARK = 15;

const NULL = 'null' as JsonText;

/** What the envelope says. */
interface About {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly correlationId: string;
}

export class Messages {
  readonly #shard: string;
  readonly #tag: number;
  /** How every envelope begins. */
  readonly #opening: string;
  readonly #slab = new Slab();
  readonly #traceparentOf: (entry: Entry) => string | undefined;
  /** Of what is being told. */
  #traceparent: string | undefined;

  /** `traceparentOf`: for consumers to go on with; undefined: the fact is not traced. */
  constructor(shard: string, traceparentOf: (entry: Entry) => string | undefined = () => undefined) {
    this.#traceparentOf = traceparentOf;
    this.#shard = shard;
    this.#tag = shardTag(shard);
    const source = words(`/itirp/shards/${encodeURIComponent(shard)}`);
    this.#opening = `{"specversion":"1.0","schemaversion":"${SCHEMA_VERSION}","source":${source},"id":`;
  }

  /** Puts what the fact at `position` says to the bus at the end of `messages`. */
  tell(messages: Announcement[], entry: Entry, event: Event, position: Position, moment: Moment): void {
    const { working: standing, settlement } = moment;
    this.#traceparent = this.#traceparentOf(entry);
    const fact = { entry, event, position, correlationId: standing?.correlationId };
    for (const record of eventRecords(fact, this.#tag, { standing, settlement }, spelled)) {
      this.#tellEvent(messages, record);
    }
    if (event.type === 'OrderFilled') this.#tellFill(messages, entry, event, position, moment);
    if (event.type === 'MarksSampled') {
      for (const { ticker, price } of event.marks) {
        const shared = this.#about(entry, position, MARK, 'MARK_SAMPLED', entry.correlationId);
        const about = { ...shared, id: `${shared.id}/${ticker}` };
        const data = object({
          symbol: words(ticker),
          mark: text(decimal(price)),
          ...this.#where(entry, position),
        });
        const body = this.#enveloped(about, data);
        messages.push({ topic: 'market.marks', key: ticker, headers: this.#headersOf(about), body });
      }
    }
  }

  /** To those who want all, and to those who want this kind. */
  #tellEvent(messages: Announcement[], record: EventRecord): void {
    const { eventId: id, eventType: type, correlationId, orderId } = record;
    const time = wireTime(record.at);
    const about = { id, type, time, correlationId };
    const headers = this.#headersOf(about);
    const order = orderId === undefined ? 'null' : `"${orderId}"`;
    const data =
      `{"event_id":"${id}","event_type":"${type}","correlation_id":"${correlationId}","order_id":${order},` +
      `"timestamp":"${time}","user_id":${words(record.user)},"payload":${record.payload}}`;
    const body = this.#enveloped(about, data);
    const key = orderId ?? this.#shard;
    const topic = routeOf(type);
    if (topic !== undefined) messages.push({ topic, key, headers, body });
    messages.push({ topic: AUDIT, key, headers, body });
  }

  #tellFill(
    messages: Announcement[],
    entry: Entry,
    fill: OrderFilled,
    position: Position,
    { working, settlement }: Moment,
  ): void {
    assert(working !== undefined && settlement !== undefined, 'a fill is of a working order');
    const { orderId, account, ticker, side, correlationId } = working;
    const where = this.#where(entry, position);
    const put = (topic: EventTopic, key: string, ordinal: number, type: string, fields: Fields): void => {
      const about = this.#about(entry, position, ordinal, type, correlationId);
      const body = this.#enveloped(about, object({ ...fields, ...where }));
      messages.push({ topic, key, headers: this.#headersOf(about), body });
    };
    put('fills', orderId, FILL, 'ORDER_FILLED', {
      execution_id: words(fill.executionId),
      order_id: words(orderId),
      account: words(account),
      symbol: words(ticker),
      side: words(side),
      quantity: text(decimal(fill.quantity)),
      price: text(decimal(fill.price)),
      closed_quantity: text(decimal(settlement.closed)),
      opened_quantity: text(decimal(settlement.opened)),
      realized_pnl: text(product(settlement.realised)),
    });
    const { holding } = settlement;
    const average = decimalOr(averageOf(holding));
    put('positions', positionKey(account, ticker), POSITION, 'POSITION_CHANGED', {
      account: words(account),
      symbol: words(ticker),
      quantity: text(decimal(holding.units)),
      average_price: average === undefined ? NULL : text(average),
      cost: text(product(holding.cost)),
      realized_pnl: text(product(holding.realised)),
    });
  }

  /** Which fact it comes from, and when that was. */
  #where(entry: Entry, position: Position): Fields {
    return {
      timestamp: words(wireTime(entry.at)),
      shard: words(this.#shard),
      journal_position: integer(position),
    };
  }

  #about(entry: Entry, position: Position, ordinal: number, type: string, correlationId: string): About {
    const id = eventIdsOf(entry.at, position, this.#tag)(ordinal);
    return { id, type, time: wireTime(entry.at), correlationId: uuidFor(correlationId) };
  }

  /** No more than a reader needs who does not open the body: each costs the client as much as ten bytes of it. */
  #headersOf({ id }: About): Announcement['headers'] {
    const traceparent = this.#traceparent;
    return traceparent === undefined
      ? [TYPED, ['ce_id', id], SCHEMA]
      : [TYPED, ['ce_id', id], SCHEMA, ['traceparent', traceparent]];
  }

  #enveloped({ id, type, time, correlationId }: About, data: string): Buffer {
    return this.#slab.bytesOf(
      `${this.#opening}${words(id)},"type":"itirp.${type}","time":"${time}",` +
        `"correlationid":"${correlationId}","data":${data}}`,
    );
  }
}

/** A decimal in quotes: no reader's float comes near it. */
const text = (amount: JsonText): JsonText => `"${amount}"` as JsonText;

/** Every decimal of an event's own fields in quotes. */
function spelled(fields: Fields): Fields {
  const spelt: Record<string, JsonText> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) spelt[key] = amountsQuoted(value);
  }
  return spelt;
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.]*/g;

function amountsQuoted(value: JsonText): JsonText {
  const first = value.charAt(0);
  if (first === '"') return value;
  if (first === '-' || (first >= '0' && first <= '9')) return text(value);
  if (first !== '[' && first !== '{') return value; // true or false
  return value.replace(STRING_OR_NUMBER, (found) =>
    found.startsWith('"') ? found : `"${found}"`,
  ) as JsonText;
}
