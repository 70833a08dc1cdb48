/** Which host is the primary, told from what each of them says of itself. */
import { expect, test } from 'vitest';
import { choose } from './primary.ts';

const facts = (timeline: number, takesWrites = true, systemIdentifier = 'ours') => ({
  systemIdentifier,
  timeline,
  takesWrites,
  version: 180_000,
  off: [],
});
const says = (name: string, ...args: Parameters<typeof facts>) => ({
  url: `postgres://${name}/db`,
  facts: facts(...args),
});
const silent = (name: string, error: unknown = Object.assign(new Error('no'), { code: 'ECONNREFUSED' })) => ({
  url: `postgres://${name}/db`,
  error,
});
const known = (timeline: number) => ({ systemIdentifier: 'ours', timeline });

test.each([
  ['the one that takes writes', [says('a', 0, false), says('b', 1)], undefined, 'b'],
  ['of two the one of the newer timeline', [says('a', 1), says('b', 2)], undefined, 'b'],
  ['the newer one, whatever the order', [says('b', 2), says('a', 1)], known(1), 'b'],
  ['the first of two that are equal', [says('a', 3), says('b', 3)], known(3), 'a'],
  ['the one that answers', [silent('a'), says('b', 4)], known(4), 'b'],
  ['the known cluster beside a stranger', [says('a', 9, true, 'strange'), says('b', 1)], known(1), 'b'],
])('%s is chosen', (_title, probes, before, name) => {
  expect(choose(probes, before).url).toBe(`postgres://${name}/db`);
});

test.each([
  [
    'nobody answers',
    [silent('a'), silent('b')],
    undefined,
    'DATABASE_UNAVAILABLE',
    /a: no \(ECONNREFUSED\); b: no/,
  ],
  [
    'the password is wrong',
    [silent('a'), silent('b', Object.assign(new Error('password'), { code: '28P01' }))],
    undefined,
    'DATABASE_REFUSED',
    /password/,
  ],
  ['only standbys answer', [says('a', 0, false), silent('b')], known(1), 'DATABASE_READ_ONLY', /promote one/],
  [
    'only an old primary answers',
    [says('a', 1), silent('b')],
    known(2),
    'DATABASE_UNAVAILABLE',
    /Stop the old one/,
  ],
  ['only a stranger answers', [says('a', 1, true, 'strange')], known(1), 'DATABASE_REPLACED', /cluster ours/],
  [
    'the hosts have nothing to do with each other',
    [says('a', 1), says('b', 1, true, 'strange')],
    undefined,
    'CONFIG_INVALID',
    /not primary and standbys of one another/,
  ],
])('%s: nothing is chosen', (_title, probes, before, code, detail) => {
  const refusal = expect.objectContaining({ code, detail: expect.stringMatching(detail) });
  expect(() => choose(probes, before)).toThrow(refusal);
});
