/** What every memory of the publisher must do. Each adapter's test runs it. */
import { describe, expect, test } from 'vitest';
import type { Position } from '../core/values/names.ts';
import type { Published } from './published.ts';

const at = (position: number): Position => position as Position;

/** `begin` opens an empty one. */
export function publishedContract(name: string, begin: () => Promise<Published>): void {
  describe(`${name} keeps the contract`, () => {
    test('of a shard that nothing was told of, nothing is known', async () => {
      const published = await begin();
      expect(await published.position('s1')).toBe(0);
      expect(await published.checkpoint('s1')).toBeUndefined();
    });

    test('a position moves on, and never back', async () => {
      const published = await begin();
      await published.move('s1', at(10));
      await published.move('s1', at(25));
      await published.move('s1', at(20));
      expect(await published.position('s1')).toBe(25);
    });

    test('each shard has its own', async () => {
      const published = await begin();
      await published.move('s1', at(10));
      await published.keep('s1', { position: at(10), body: Buffer.from('one') });
      await published.move('s2', at(3));
      expect(await published.position('s1')).toBe(10);
      expect(await published.position('s2')).toBe(3);
      expect(await published.checkpoint('s2')).toBeUndefined();
    });

    test('the checkpoint kept last is read back', async () => {
      const published = await begin();
      await published.keep('s1', { position: at(10), body: Buffer.from('one') });
      const last = { position: at(20), body: Buffer.from('\0two') };
      await published.keep('s1', last);
      expect(await published.checkpoint('s1')).toEqual(last);
    });
  });
}
