/** Who follows a shard hears of its head, by news and by looking; who stands by hears nothing at all. */
import type pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { MemoryChannels } from '../cache/channels-memory.ts';
import type { Position } from '../core/values/names.ts';
import { encodeHead, HEADS_CHANNEL } from '../firm/news.ts';
import { HeadWatch } from './head-watch.ts';

const head = (shard: string, position: number) => encodeHead({ shard, position: position as Position });

/** Channels within a process speak in a later turn. */
const delivered = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function watchWith(heads: Readonly<Record<string, number>> = {}) {
  const channels = new MemoryChannels();
  const query = vi.fn(async (_sql: string, [shards]: [readonly string[]]) => ({
    rows: shards.flatMap((shard) => {
      const at = heads[shard];
      return at === undefined ? [] : [{ shard, head_position: BigInt(at) }];
    }),
  }));
  const subscribe = vi.spyOn(channels, 'subscribe');
  const watch = new HeadWatch({ pool: { query } as unknown as pg.Pool, channels, lookMs: 5 });
  onTestFinished(() => watch.stop());
  return { channels, query, subscribe, watch };
}

test('news of a shard reaches who follows it, and nobody else', async () => {
  const { channels, watch } = watchWith();
  const told: number[] = [];
  watch.follow('one', (position) => told.push(position));
  channels.publish(HEADS_CHANNEL, head('one', 7));
  channels.publish(HEADS_CHANNEL, head('two', 8));
  await delivered();
  expect(told).toEqual([7]);
});

test('without news it looks, and who stands by asks nobody', async () => {
  const { query, subscribe, watch } = watchWith({ one: 3 });
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(query).not.toHaveBeenCalled();
  expect(subscribe).not.toHaveBeenCalled();
  const told: number[] = [];
  watch.follow('one', (position) => told.push(position));
  await vi.waitFor(() => expect(told).toContain(3));
});

test('the last to leave hangs up; who comes again hears again, whatever an old farewell says', async () => {
  const { channels, watch } = watchWith();
  const told: number[] = [];
  const leave = watch.follow('one', () => {});
  leave();
  watch.follow('one', (position) => told.push(position));
  leave();
  channels.publish(HEADS_CHANNEL, head('one', 9));
  await delivered();
  expect(told).toEqual([9]);
});
