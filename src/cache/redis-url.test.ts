/** Every form of REDIS_URL, and every way to get it wrong. */
import { expect, test } from 'vitest';
import { placeText, redisPlaceOf } from './redis-url.ts';

test.each([
  [
    'redis://localhost',
    { kind: 'single', nodes: [{ host: 'localhost', port: 6379 }], isTls: false, database: 0 },
  ],
  ['redis://h:7000/3', { nodes: [{ host: 'h', port: 7000 }], database: 3 }],
  ['redis://:se%40cret@h', { username: undefined, password: 'se@cret' }],
  ['redis://ann:pw@h', { username: 'ann', password: 'pw' }],
  ['rediss://h:6380?ca=/etc/ca.pem', { isTls: true, authorityFile: '/etc/ca.pem' }],
  ['redis://[::1]:7000', { nodes: [{ host: '::1', port: 7000 }] }],
  [
    'redis+sentinel://:pw@a,b:1/desk/2?sentinel_password=x',
    {
      kind: 'sentinel',
      nodes: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 1 },
      ],
      masterName: 'desk',
      database: 2,
      password: 'pw',
      sentinelPassword: 'x',
    },
  ],
  [
    'rediss+cluster://a:1,b:2',
    {
      kind: 'cluster',
      isTls: true,
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    },
  ],
])('%s reads', (url, place) => {
  expect(redisPlaceOf(url)).toMatchObject(place);
});

test.each([
  ['http://h', 'is none of'],
  ['h:6379', 'is none of'],
  ['redis://', 'is none of'],
  ['redis://h:99999', 'no HOST'],
  ['redis://h:0', 'no HOST'],
  ['redis://a,b', 'several servers'],
  ['redis://secret@h', 'user without a password'],
  ['redis://:%zz@h', 'not percent-encoded'],
  ['redis://h/main', 'no database number'],
  ['redis://h/1/2', 'no database number'],
  ['redis+sentinel://h:1', "the master's name"],
  ['redis+cluster://h:1/2', 'names a database'],
  ['redis+cluster://a:1,,b:2', 'no HOST'],
  ['redis://h?timeout=3', 'an option'],
])('%s is refused: %s', (url, says) => {
  expect(() => redisPlaceOf(url)).toThrow(says);
});

test('a password is never said', () => {
  for (const url of [
    'redis://secret@h',
    'redis://u:secret@h/main',
    'redis://u:secret@a,b',
    'x://u:secret@h',
  ]) {
    try {
      redisPlaceOf(url);
    } catch (error) {
      expect(String(error)).not.toContain('secret');
    }
  }
  expect(placeText(redisPlaceOf('redis+sentinel://u:secret@a:1,b:2/desk'))).toBe('a:1,b:2/desk');
});
