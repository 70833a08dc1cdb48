/** The audit trail on the v1 wire. */
import { type Static, Type } from 'typebox';
import { QueryInteger } from '../keywords.ts';
import { refTo, Timestamp } from './vocabulary.ts';

export const AuditEvent = Type.Object(
  {
    event_id: Type.String(),
    event_type: Type.String(),
    correlation_id: Type.String(),
    order_id: Type.Union([Type.String(), Type.Null()]),
    timestamp: Timestamp,
    payload: Type.Object({}, { additionalProperties: true }),
    user_id: Type.String(),
  },
  { $id: 'Event' },
);

export const EventList = Type.Object(
  {
    events: Type.Array(refTo('Event'), { description: 'Newest last' }),
    total: Type.Integer({ description: 'How many there are in all' }),
  },
  { $id: 'EventList' },
);

export const CorrelationTrail = Type.Object(
  { correlation_id: Type.String(), events: Type.Array(refTo('Event')), total_events: Type.Integer() },
  { $id: 'CorrelationTrail' },
);

export const OrderTrail = Type.Object(
  { order_id: Type.String(), events: Type.Array(refTo('Event')), total_events: Type.Integer() },
  { $id: 'OrderTrail' },
);

/** Events that one request may ask for. */
export const EVENTS_MAX = 10_000;

export const EventQuery = Type.Object(
  { limit: Type.Optional(QueryInteger({ minimum: 1, maximum: EVENTS_MAX }, { default: '100' })) },
  { additionalProperties: false },
);
export type EventQuery = Static<typeof EventQuery>;

export const CorrelationPath = Type.Object({ correlation_id: Type.String() });
export type CorrelationPath = Static<typeof CorrelationPath>;
