import { expect, test } from 'vitest';
import { within } from './patience.ts';

test('what comes in time is handed on, and so is what goes wrong', async () => {
  expect(await within(1_000, 'the answer', Promise.resolve(42))).toBe(42);
  await expect(within(1_000, 'the answer', Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('what does not come is named', async () => {
  await expect(within(10, 'the answer', new Promise(() => {}))).rejects.toThrow(
    'the answer: still not after 0.01 s',
  );
});
