/** Where orders leave the house. */
import type { Catalogue, Role } from '../catalogue.ts';

const roles: readonly Role[] = ['engine'];
const labelNames = ['venue'] as const;

export const venueInstruments = (catalogue: Catalogue) => ({
  venueAttempts: catalogue.counter({
    name: 'venue_attempts_total',
    help: 'Orders and cancels sent to a venue, each time counted',
    labelNames,
    roles,
  }),
  venueRetries: catalogue.counter({
    name: 'venue_retries_total',
    help: 'Those of them that were a repetition',
    labelNames,
    roles,
  }),
  venueInDoubt: catalogue.gauge({
    name: 'venue_in_doubt_orders',
    help: 'Orders of which nobody knows whether the venue has them',
    labelNames,
    roles,
  }),
  venueBreaker: catalogue.gauge({
    name: 'venue_breaker_state',
    help: 'Circuit breaker: 0 closed, 1 half open, 2 open; of several shards the worst',
    labelNames,
    roles,
  }),
  venueAnswer: catalogue.distribution({
    name: 'venue_answer_seconds',
    help: 'One request to a venue, until it answers; of those that it answered',
    labelNames,
    roles,
  }),
  venueUnmatched: catalogue.counter({
    name: 'venue_reports_unmatched_total',
    help: 'Executions that a venue reports and that no position holds: each is for people to look into',
    labelNames: ['venue', 'why'],
    roles,
  }),
  venueBeyondBound: catalogue.counter({
    name: 'venue_fills_beyond_bound_total',
    help: 'Executions booked at a worse price than the venue was given',
    labelNames,
    roles,
  }),
});
