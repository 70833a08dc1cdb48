/** The HTTP door: how many come, how many are turned away, how long it takes. */
import type { Catalogue, Role } from '../catalogue.ts';

const roles: readonly Role[] = ['api'];

export const httpInstruments = (catalogue: Catalogue) => ({
  httpRequests: catalogue.plainCounter({
    name: 'http_requests_total',
    help: 'Requests answered; route is the pattern as registered, status 499: the caller hung up first',
    labelNames: ['method', 'route', 'status'],
    roles,
  }),
  httpDuration: catalogue.distribution({
    name: 'http_request_duration_seconds',
    help: 'From the arrival of a request to its whole answer',
    labelNames: ['method', 'route'],
    roles,
  }),
  httpInFlight: catalogue.asked({
    name: 'http_requests_in_flight',
    help: 'Requests that have arrived and are not answered yet',
    roles,
  }),
  httpProblems: catalogue.counter({
    name: 'http_problems_total',
    help: 'Requests answered with a problem, by its code',
    labelNames: ['code'],
    roles,
  }),
  logins: catalogue.counter({
    name: 'logins_total',
    help: 'Logins by outcome: granted, refused, unanswered',
    labelNames: ['outcome'],
    roles,
  }),
});
