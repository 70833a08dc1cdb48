/** Outages get their name; what PostgreSQL says of a statement keeps its own. */
import { expect, test } from 'vitest';
import { Fault } from '../faults/fault.ts';
import { asFault, isOutage, messageOf } from './outage.ts';

const coded = (code: string) => Object.assign(new Error('words'), { code });

test.each(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', '08006', '53300', '53100', '57P01', '57P03', '58030'])(
  '%s is an outage',
  (code) => {
    expect(asFault(coded(code))).toMatchObject({ code: 'DATABASE_UNAVAILABLE', detail: `words (${code})` });
  },
);

test.each([
  'Connection terminated unexpectedly',
  'timeout exceeded when trying to connect',
  'timeout expired', // of a server that takes the connection and says nothing
  'Query read timeout',
])('"%s" is an outage', (words) => {
  expect(isOutage(new Error(words))).toBe(true);
});

test.each(['23505', '42P01', '57014', '22003'])('%s is none, and stays as it is', (code) => {
  const error = coded(code);
  expect(asFault(error)).toBe(error);
});

test('a Fault stays as it is', () => {
  const fault = new Fault('MIGRATION_CHANGED');
  expect(asFault(fault)).toBe(fault);
});

test('what is thrown for a host whose every address refuses has words too', () => {
  const error = new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')], '');
  expect(messageOf(error)).toBe('words (ECONNREFUSED); words (ECONNREFUSED)');
});
