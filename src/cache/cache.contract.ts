/** What every cache must do, held against each adapter. */
import { expect, test } from 'vitest';
import type { Cache } from './cache.ts';

/** `open` gives a cache that may hold keys of other tests. */
export function cacheContract(open: () => Promise<Cache>): void {
  test('what was set is there, and nothing else', async () => {
    const cache = await open();
    const key = crypto.randomUUID();
    expect(await cache.get(key)).toBeUndefined();
    await cache.set(key, 'grüße\n"\u0000', 60_000);
    expect(await cache.get(key)).toBe('grüße\n"\u0000');
    await cache.set(key, '', 60_000);
    expect(await cache.get(key)).toBe('');
  });
  test('what was deleted is gone, and deleting it again says nothing', async () => {
    const cache = await open();
    const key = crypto.randomUUID();
    await cache.set(key, 'value', 60_000);
    await cache.delete(key);
    await cache.delete(key);
    expect(await cache.get(key)).toBeUndefined();
  });
  test('a value is forgotten when its time is over', async () => {
    const cache = await open();
    const key = crypto.randomUUID();
    await cache.set(key, 'value', 30);
    await expect.poll(() => cache.get(key)).toBeUndefined();
    await cache.set(key, 'value', 0);
    expect(await cache.get(key)).toBeUndefined();
  });
}
