import { expect, test } from 'vitest';
import { isLoopback } from './loopback.ts';

test.each([
  'http://127.0.0.1:8000',
  'http://127.9.9.9',
  'http://[::1]:8000',
  'https://localhost',
  'http://[::ffff:127.0.0.1]',
])('%s is this machine', async (url) => expect(await isLoopback(new URL(url))).toBe(true));

test.each([
  'http://10.0.0.1',
  'http://192.0.2.1:8000',
  'http://[2001:db8::1]',
  'http://0.0.0.0',
  'http://nobody.invalid',
])('%s is not', async (url) => expect(await isLoopback(new URL(url))).toBe(false));
