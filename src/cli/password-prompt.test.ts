import { expect, test } from 'vitest';
import { readNewPassword } from './password-prompt.ts';

const LONG = 'correct horse battery';
/** Someone who types `words` one after the other. */
const typing = (...words: string[]) => {
  const left = [...words];
  return { left, read: async () => left.shift() ?? '' };
};

test('a new password is asked for twice at a terminal', async () => {
  const { read, left } = typing(LONG, LONG);
  expect(await readNewPassword('alice', read, true)).toBe(LONG);
  expect(left).toEqual([]);
});

test('a slip of the finger is found by the second', async () => {
  const { read } = typing(LONG, `${LONG}!`);
  await expect(readNewPassword('alice', read, true)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
});

test('from a file it is read once', async () => {
  const { read, left } = typing(LONG, 'the next line');
  expect(await readNewPassword('alice', read, false)).toBe(LONG);
  expect(left).toEqual(['the next line']);
});

test('a short one is refused before it is asked for again', async () => {
  const { read, left } = typing('short', 'short');
  await expect(readNewPassword('alice', read, true)).rejects.toThrow('at least 12 characters');
  expect(left).toEqual(['short']);
});
