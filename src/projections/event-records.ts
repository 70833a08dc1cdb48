/** One fact as the guide's events, each with its id: the same ones in SQL and on the bus. */
import type { Event } from '../core/events.ts';
import type { CorrelationId, Position } from '../core/values/names.ts';
import type { Entry } from '../journal/entry.ts';
import { eventIdsOf, isUuid, uuidFor } from './event-ids.ts';
import { expand, type Seen } from './expansion.ts';
import { type Fields, integer, members, objectWith, words, wordsOr } from './json-text.ts';
import { aboutOf } from './order-facts.ts';
import type { EventRecord } from './rows.ts';

/** A fact and where it stands. */
export interface Fact {
  readonly entry: Entry;
  readonly event: Event;
  readonly position: Position;
  /** Of the working order that it moves; undefined where it moves none. */
  readonly correlationId: CorrelationId | undefined;
}

/** `tag`: the shard's. `spell` may write the fields of the payload in another way. */
export function eventRecords(
  { entry, event, position, ...moved }: Fact,
  tag: number,
  seen: Seen,
  spell = (fields: Fields): Fields => fields,
): readonly EventRecord[] {
  const about = aboutOf(event);
  const orderId = about !== undefined && isUuid(about) ? about : undefined;
  const own = 'order' in event ? event.order.correlationId : moved.correlationId;
  const correlation = own ?? entry.correlationId;
  const correlationId = uuidFor(correlation);
  const attribution = members({
    order_reference: about === undefined || orderId !== undefined ? undefined : words(about),
    request_correlation_id: correlation === entry.correlationId ? undefined : words(entry.correlationId),
    origin: words(entry.origin),
    reason: wordsOr(entry.reason),
    journal_position: integer(position),
  });
  const { at, user } = entry;
  const eventId = eventIdsOf(at, position, tag);
  return expand(event, seen).map(([eventType, fields], ordinal) => {
    const payload = objectWith(spell(fields), attribution);
    return { eventId: eventId(ordinal), eventType, correlationId, orderId, at, payload, user };
  });
}
