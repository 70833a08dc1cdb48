import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SpanCounts, type SpanLine, SpanSender } from './span-line.ts';
import { newSpanId, traceIdOf } from './trace-ids.ts';
import type { Span } from './tracing.ts';

let line: SpanLine;
let heard: Span[];
let channel: BroadcastChannel;
beforeEach(() => {
  line = { channel: `test ${newSpanId()}`, ratio: 1, queueMax: 10, counts: SpanCounts.fresh() };
  heard = [];
  channel = new BroadcastChannel(line.channel);
  channel.onmessage = (event) => heard.push(...(event as { data: Span[] }).data);
});
afterEach(() => channel.close());

const traceId = traceIdOf('a conversation');
const span = (changes: Partial<Span> = {}): Span => ({
  traceId,
  spanId: newSpanId(),
  parentId: undefined,
  name: 'work',
  kind: 'internal',
  beganAt: performance.now() - 5,
  endedAt: performance.now(),
  attributes: { 'itirp.shard': 'main' },
  ...changes,
});

test('what is recorded is posted, in wall time, and is under way until the collector has it', async () => {
  const sender = new SpanSender(line);
  sender.record(span());
  sender.close();
  await expect.poll(() => heard).toHaveLength(1);
  const [told] = heard;
  expect(Math.abs((told?.endedAt ?? 0) - Date.now())).toBeLessThan(60_000);
  expect((told?.endedAt ?? 0) - (told?.beganAt ?? 0)).toBeCloseTo(5, 0);
  const counts = new SpanCounts(line.counts);
  expect(counts.underWay).toBe(1);
  counts.left(1, true);
  expect([counts.underWay, counts.dropped]).toEqual([0, 0]);
});

test('two threads share one bound: what is above it is dropped and counted, until there is room again', async () => {
  const one = new SpanSender(line);
  const other = new SpanSender(line);
  for (let n = 0; n < 8; n += 1) one.record(span());
  for (let n = 0; n < 8; n += 1) other.record(span());
  const counts = new SpanCounts(line.counts);
  expect([counts.underWay, counts.dropped]).toEqual([10, 6]);
  counts.left(4, false);
  expect([counts.underWay, counts.dropped]).toEqual([6, 10]);
  other.record(span());
  one.close();
  other.close();
  await expect.poll(() => heard).toHaveLength(11);
});

test('what is recorded once the line is closed is dropped and counted, and harms nobody', () => {
  const sender = new SpanSender(line);
  sender.close();
  for (let n = 0; n < 70; n += 1) sender.record(span()); // more than are posted together
  sender.flush();
  sender.close();
  const counts = new SpanCounts(line.counts);
  expect([counts.underWay, counts.dropped]).toEqual([0, 70]);
});

test('a span that no channel carries is dropped and counted, and those after it are told', async () => {
  const sender = new SpanSender(line);
  sender.record(span({ attributes: { 'itirp.shard': (() => {}) as never } }));
  sender.flush();
  const counts = new SpanCounts(line.counts);
  expect([counts.underWay, counts.dropped]).toEqual([0, 1]);
  sender.record(span());
  sender.close();
  await expect.poll(() => heard).toHaveLength(1);
});

test('a trace is kept or not by its id alone, whoever asks', () => {
  const senders = [0, 0.5, 1].map((ratio) => new SpanSender({ ...line, ratio }));
  const low = '0192f0aa-1234-7abc-8123-012300000001';
  const high = '0192f0aa-1234-7abc-8123-0123ffffffff';
  const kept = (id: string) => senders.map((sender) => sender.traceOf(id) !== undefined);
  expect(kept(low)).toEqual([false, true, true]);
  expect(kept(high)).toEqual([false, false, true]);
  expect(senders[2]?.traceOf('venue:house')).toBe(traceIdOf('venue:house'));
  for (const sender of senders) sender.close();
});

test('a span never ends before it begins, and an idle line posts by itself', async () => {
  const sender = new SpanSender(line);
  sender.record(span({ beganAt: performance.now(), endedAt: performance.now() - 100 }));
  await expect.poll(() => heard).toHaveLength(1);
  expect(heard[0]?.endedAt).toBe(heard[0]?.beganAt);
  sender.close();
});
