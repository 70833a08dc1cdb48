/** What a reader is shown of the shards: how old it may be, where it comes from, and when it is refused. */
import { beforeEach, expect, test } from 'vitest';
import { MemoryCache } from '../cache/cache-memory.ts';
import { MemoryChannels } from '../cache/channels-memory.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { MemoryFirmStore } from './firm-store-memory.ts';
import { VIEWS_CHANNEL, viewKey } from './news.ts';
import type { ShardView } from './shard-view.ts';
import { ShardViews } from './shard-views.ts';
import { sampleView } from './testing/any-view.ts';
import { encodeView } from './view-codec.ts';

const NOW_MS = 1_769_783_400_000;
/** A view at `position` that was confirmed `ageMs` ago. */
const viewAt = (position: number, ageMs: number, epoch = 1): ShardView => ({
  ...sampleView('east'),
  epoch,
  position: position as Position,
  at: ((NOW_MS - ageMs) * 1000) as Micros,
  isOpen: true,
});

let cache: MemoryCache;
let channels: MemoryChannels;
let store: MemoryFirmStore;
let views: ShardViews;
beforeEach(() => {
  cache = new MemoryCache();
  channels = new MemoryChannels();
  store = new MemoryFirmStore();
  views = new ShardViews({
    roster: { all: ['east'] },
    cache,
    channels,
    store,
    now: () => NOW_MS,
    waitMs: 60,
  });
});

const keep = (view: ShardView) => cache.set(viewKey('east'), encodeView(view), 60_000);
async function say(view: ShardView): Promise<void> {
  channels.publish(VIEWS_CHANNEL, Buffer.from(encodeView(view)));
  await new Promise(setImmediate);
}
const read = async (atLeast = 0): Promise<number> =>
  (await views.read(new Map([['east', atLeast as Position]])))[0]?.position ?? -1;

test('what was heard is at hand, and nobody else is asked', async () => {
  await say(viewAt(10, 0));
  cache.get = () => Promise.reject(new Error('Redis was asked'));
  store.view = () => Promise.reject(new Error('SQL was asked'));
  expect(await read(10)).toBe(10);
});

test('what was not heard comes from Redis; what is not there, or too old there, from SQL', async () => {
  await keep(viewAt(10, 0));
  expect(await read()).toBe(10);
  await store.keep(viewAt(12, 0));
  await keep(viewAt(11, 0));
  expect(await read(12)).toBe(12);
});

test('a stale copy of Redis is never shown for fresh, however long ago its reader wrote', async () => {
  await store.keep(viewAt(20, 60_000));
  await keep(viewAt(10, 10_000));
  expect(await read()).toBe(20);
  expect(await read(5)).toBe(20);
});

test('where the engine is gone, what it said last is what there is', async () => {
  await store.keep(viewAt(20, 3_600_000));
  expect(await read(20)).toBe(20);
});

test('a view that shows less than its reader was answered is refused, after a while', async () => {
  await store.keep(viewAt(20, 0));
  await expect(read(21)).rejects.toMatchObject({ code: 'PROJECTION_BEHIND' });
  setTimeout(() => void say(viewAt(21, 0)), 20);
  expect(await read(21)).toBe(21);
});

test('a writer that was replaced is not believed, however lively it is', async () => {
  await say(viewAt(10, 0, 2));
  await say(viewAt(30, 0, 1));
  await keep(viewAt(30, 0, 1));
  await store.keep(viewAt(30, 0, 1));
  expect(await read(10)).toBe(10);
});

test('what does not read, and what is of no shard of ours, is no news', async () => {
  channels.publish(VIEWS_CHANNEL, Buffer.from('{'));
  await say({ ...viewAt(10, 0), shard: 'elsewhere' });
  await cache.set(viewKey('east'), 'nonsense', 60_000);
  await expect(read()).rejects.toMatchObject({ code: 'PROJECTION_BEHIND' });
});

test('a shard that has confirmed nothing for long does not answer', async () => {
  await store.keep(viewAt(20, 11_000));
  await expect(views.areOpen()).rejects.toThrow('shard east has been silent for 11 s');
  await say(viewAt(20, 0));
  expect(await views.areOpen()).toBe(true);
  await say({ ...viewAt(21, 0), isOpen: false });
  expect(await views.areOpen()).toBe(false);
});
