/** The writer of views beside a real engine: the last fact is always shown, and what is shown is never ahead of it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryCache } from '../cache/cache-memory.ts';
import { MemoryChannels } from '../cache/channels-memory.ts';
import { order } from '../core/testing/story.ts';
import type { Position } from '../core/values/names.ts';
import { by, openStage, type Stage, TestClock } from '../sequencer/stage.fixture.ts';
import { MemoryFirmStore } from './firm-store-memory.ts';
import { decodeHead, HEADS_CHANNEL, LISTINGS_CHANNEL, VIEWS_CHANNEL, viewKey } from './news.ts';
import type { ShardView } from './shard-view.ts';
import { decodeView } from './view-codec.ts';
import { ViewWriter } from './view-writer.ts';

let stage: Stage;
let cache: MemoryCache;
let channels: MemoryChannels;
let store: MemoryFirmStore;
let writer: ViewWriter;
let epoch = 1;
const heard: ShardView[] = [];
const heads: Position[] = [];
const listings: string[] = [];
const troubles: unknown[] = [];

beforeEach(async () => {
  for (const list of [heard, heads, listings, troubles]) list.length = 0;
  epoch = 1;
  stage = await openStage();
  cache = new MemoryCache();
  channels = new MemoryChannels();
  store = new MemoryFirmStore();
  channels.subscribe(VIEWS_CHANNEL, (message) => heard.push(decodeView(message.toString()) as ShardView));
  channels.subscribe(HEADS_CHANNEL, (message) => heads.push(decodeHead(message)?.position as Position));
  channels.subscribe(LISTINGS_CHANNEL, (message) => listings.push(message.toString()));
  writer = new ViewWriter({
    shard: 'east',
    engine: stage.sequencer,
    epoch: () => epoch,
    clock: new TestClock(),
    cache,
    channels,
    store,
    onTrouble: (error) => troubles.push(error),
  });
});
afterEach(async () => {
  await writer.stop();
  await stage.sequencer.stop();
});

const place = (name: string) =>
  stage.sequencer.submit({ type: 'PlaceOrder', order: order(name), quote: undefined }, by);
const inCache = async () => decodeView((await cache.get(viewKey('east'))) ?? '');

test('what stood before it came is drawn at once, kept in SQL, and listed', async () => {
  await writer.start();
  const { position } = stage.sequencer;
  expect(await inCache()).toMatchObject({ shard: 'east', epoch: 1, position, isOpen: true });
  await expect.poll(() => store.view('east')).toMatchObject({ position });
  await expect.poll(() => listings).toEqual(['east']);
  expect((await store.listings(['east'])).map(({ ticker }) => ticker)).toEqual(['AAPL', 'MSFT']);
});

test('after a burst the last fact is shown and told, in far fewer drawings than facts', async () => {
  await writer.start();
  await Promise.all(Array.from({ length: 300 }, (_, index) => place(`B${index}`)));
  const { position } = stage.sequencer;
  await expect.poll(() => heard.at(-1)?.position, { timeout: 5_000 }).toBe(position);
  await expect.poll(() => heads.at(-1), { timeout: 5_000 }).toBe(position);
  expect(heard.length).toBeLessThan(30);
  expect(heads).toEqual(heads.toSorted((a, b) => a - b));
  expect((await inCache())?.metrics.dailyVolume).toBeGreaterThan(0n);
});

test('while nothing happens, the view is said to be still true', async () => {
  await writer.start();
  const first = heard.at(-1)?.at ?? (await inCache())?.at ?? 0;
  await expect.poll(() => heard.at(-1)?.at ?? 0, { timeout: 5_000 }).toBeGreaterThan(first);
  expect(new Set(heard.map(({ position }) => position)).size).toBe(1);
});

test('a writer that claimed anew says so with the next view', async () => {
  await writer.start();
  epoch = 2;
  await expect.poll(() => heard.at(-1)?.epoch, { timeout: 5_000 }).toBe(2);
});

test('SQL that takes no copy is told of and tried again; Redis goes on', async () => {
  const keep = store.keep.bind(store);
  let isDown = true;
  store.keep = (view) => (isDown ? Promise.reject(new Error('away')) : keep(view));
  await writer.start();
  await place('O1');
  const { position } = stage.sequencer;
  await expect.poll(() => heard.at(-1)?.position, { timeout: 5_000 }).toBe(position);
  expect(troubles).not.toEqual([]);
  isDown = false;
  await expect.poll(async () => (await store.view('east'))?.position, { timeout: 8_000 }).toBe(position);
});

test('once stopped, and while its engine is stopping, it says nothing more', async () => {
  await writer.start();
  await stage.sequencer.stop();
  await writer.stop();
  const said = heard.length;
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(heard.length).toBe(said);
});
