/** Cache and channels within one process, the layered cache, and the breaker. */
import { describe, expect, test } from 'vitest';
import { Breaker } from './breaker.ts';
import { cacheContract } from './cache.contract.ts';
import { LayeredCache } from './cache-layered.ts';
import { MemoryCache } from './cache-memory.ts';
import { channelsContract } from './channels.contract.ts';
import { MemoryChannels } from './channels-memory.ts';

describe('the cache in memory', () => cacheContract(async () => new MemoryCache()));
describe('the layered cache', () =>
  cacheContract(async () => new LayeredCache(new MemoryCache(), new MemoryChannels(), 'a')));
describe('channels in memory', () =>
  channelsContract(async () => {
    const channels = new MemoryChannels();
    return [channels, channels];
  }));

describe('a copy in front of a shared cache', () => {
  class Counting extends MemoryCache {
    asked = 0;
    /** Answers wait for it. */
    gate: Promise<void> = Promise.resolve();
    override async get(key: string): Promise<string | undefined> {
      this.asked++;
      const value = await super.get(key);
      await this.gate;
      return value;
    }
  }
  function twoNodes() {
    let now = 0;
    const shared = new Counting();
    const channels = new MemoryChannels();
    const [a, b] = ['a', 'b'].map((node) => new LayeredCache(shared, channels, node, () => now));
    if (a === undefined || b === undefined) throw new Error('two were asked for');
    const pass = (ms: number): void => {
      now += ms;
    };
    return { shared, a, b, pass };
  }

  test('spares the shared one, for half a second', async () => {
    const { shared, a, b, pass } = twoNodes();
    await a.set('k', 'v', 60_000);
    expect(await Promise.all([b.get('k'), b.get('k'), b.get('k')])).toEqual(['v', 'v', 'v']);
    expect([await b.get('k'), await a.get('k'), shared.asked]).toEqual(['v', 'v', 1]);
    pass(501);
    expect([await b.get('k'), shared.asked]).toEqual(['v', 2]);
  });
  test('is dropped when another node writes or deletes', async () => {
    const { a, b } = twoNodes();
    await a.set('k', 'old', 60_000);
    expect(await b.get('k')).toBe('old');
    await a.set('k', 'new', 60_000);
    await expect.poll(() => b.get('k')).toBe('new');
    await b.delete('k');
    await expect.poll(() => a.get('k')).toBeUndefined();
  });
  test('is not made of an answer that a write has overtaken', async () => {
    const { shared, a, b } = twoNodes();
    await a.set('k', 'old', 60_000);
    const { promise, resolve } = Promise.withResolvers<void>();
    shared.gate = promise;
    const slow = b.get('k');
    await a.set('k', 'new', 60_000);
    await new Promise((turn) => setImmediate(turn)); // b has heard of it
    resolve();
    expect(await slow).toBe('old'); // asked before it was written
    expect(await b.get('k')).toBe('new');
  });
});

describe('the breaker', () => {
  test('opens after three failures in a row, and only a probe closes it', () => {
    const breaker = new Breaker();
    for (let n = 0; n < 3; n++) {
      expect(breaker.isOpen).toBe(false);
      breaker.failed();
    }
    expect(breaker.isOpen).toBe(true);
    breaker.succeeded();
    expect(breaker.isOpen).toBe(true);
    breaker.close();
    expect(breaker.isOpen).toBe(false);
  });
  test.each([
    [20, false],
    [3, true],
  ])('that sees one failure in %i calls ends open: %s', (every, isOpen) => {
    const breaker = new Breaker();
    for (let call = 1; call <= 1_000; call++) {
      if (call % every === 0) breaker.failed();
      else breaker.succeeded();
    }
    expect(breaker.isOpen).toBe(isOpen);
  });
});
