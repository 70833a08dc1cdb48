/** What INFO tells, and what errors mean to an operator. */
import { expect, test } from 'vitest';
import { checkServer, misconfiguration } from './redis-server-check.ts';

const info = (changes: Readonly<Record<string, string>> = {}): string =>
  Object.entries({ redis_version: '7.0.15', run_id: 'abc', role: 'master', cluster_enabled: '0', ...changes })
    .map(([name, value]) => `${name}:${value}`)
    .join('\r\n');

test.each(['7.0.0', '7.4.1', '8.2.0', '10.0.0'])('version %s will do', (version) => {
  expect(checkServer({ kind: 'single' }, info({ redis_version: version }))).toBe('abc');
});

test.each([
  ['6.2.14', 'version 7 or later is needed, and this is Redis 6.2.14'],
  ['5.0.0', 'this is Redis 5.0.0'],
  ['', 'version 7 or later is needed'],
  ['unstable', 'version 7 or later is needed'],
])('version %j will not: %s', (version, says) => {
  expect(() => checkServer({ kind: 'single' }, info({ redis_version: version }))).toThrow(says);
});

test.each([
  ['single', { role: 'slave' }, 'read-only replica'],
  ['single', { cluster_enabled: '1' }, 'redis+cluster://'],
  ['cluster', {}, 'this is no Cluster'],
] as const)('for a %s URL a server with %j is the wrong one', (kind, changes, says) => {
  expect(() => checkServer({ kind }, info(changes))).toThrow(says);
});

test.each([
  ['WRONGPASS invalid username-password pair or user is disabled.', 'Redis refuses the user or password'],
  ['NOAUTH Authentication required.', 'Redis asks for a password'],
  ["NOPERM User ann has no permissions to run the 'info' command", 'the user may not do what is needed'],
  ['ERR DB index is out of range', 'Redis has no database of that number'],
  ['self-signed certificate', 'is not trusted'],
])('%j is something to put right: %s', (message, says) => {
  expect(misconfiguration(new Error(message))).toContain(says);
  expect(misconfiguration(new Error('wrapped', { cause: new Error(message) }))).toContain(says);
});

test.each([
  'connect ECONNREFUSED 127.0.0.1:1',
  'Connection is closed.',
  'no answer within 75 ms',
  'LOADING Redis is loading',
])('%j is an outage', (message) => {
  expect(misconfiguration(new Error(message))).toBeUndefined();
  expect(misconfiguration(message)).toBeUndefined();
});
