/** Commands that are put on the bus a second time, after the engine that carried them out is gone. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { CommandReader } from '../bus/commands.ts';
import type { Dispatch, RemoteCommand } from '../bus/dispatch.ts';
import type { KafkaReader } from '../bus/kafka-reader.ts';
import { nextId, placing } from '../bus/placing.fixture.ts';
import { MemoryChannels } from '../cache/channels-memory.ts';
import { DEFAULT_LIMITS } from '../core/risk/limits.ts';
import { notional } from '../core/values/fixed-point.ts';
import type { Micros } from '../core/values/names.ts';
import { openStage, TestClock } from '../sequencer/stage.fixture.ts';
import { silentLog } from '../telemetry/log.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { loadConfig } from './load-config.ts';
import { takingInFor } from './taking-in.ts';

const site = { config: loadConfig({}, true), log: silentLog(), metrics: openMetrics() };

/** A shard, and one life after the other of what takes in for it. */
async function openShard() {
  const clock = new TestClock();
  const { sequencer, journal } = await openStage({ clock });
  const takeIn = async (...dispatches: readonly Dispatch[]): Promise<void> => {
    const stopping = new AbortController();
    const reader: CommandReader = {
      async follow(_shard, _from, take, signal) {
        const at = (n: number) => ({ source: 'C/t/0', offset: BigInt(n + 1) });
        for (const [n, dispatch] of dispatches.entries()) {
          await take([{ mark: at(n), dispatch, wrong: undefined }]);
        }
        stopping.abort();
        if (!signal.aborted) await once(signal, 'abort');
      },
    };
    const bus = { reader: reader as KafkaReader };
    const board = { sample: () => undefined };
    const taking = takingInFor({ site: { ...site, clock }, bus, channels: new MemoryChannels() });
    await taking({ shard: 'test', sequencer, journal, board }, stopping.signal);
  };
  const sent = (command: RemoteCommand): Dispatch => ({
    ...placing({}, { commandId: nextId(), sentAt: clock.now() }),
    command,
  });
  const limit = () => sequencer.read(({ firm }) => firm.limits.positionMax);
  const isHalted = () => sequencer.read(({ isKillSwitchEngaged }) => isKillSwitchEngaged);
  return { clock, takeIn, sent, limit, isHalted };
}

const setting = (positionMax: string): RemoteCommand => ({
  type: 'SetLimits',
  limits: { ...DEFAULT_LIMITS, positionMax: notional(positionMax) },
});

test.each([0, 1, 3_600])('old limits do not come back %d s after', async (seconds) => {
  const { clock, takeIn, sent, limit } = await openShard();
  const wide = sent(setting('900'));
  await takeIn(wide);
  const narrow = sent(setting('100'));
  await takeIn(narrow);
  clock.micros += seconds * 1_000_000;
  await takeIn(wide);
  expect(await limit()).toBe(notional('100'));
  await takeIn(wide, sent(setting('200')), narrow);
  expect(await limit()).toBe(notional('200'));
});

test('limits that waited on the bus while no engine lived are set in their order, whoever was there in between', async () => {
  const { clock, takeIn, sent, limit } = await openShard();
  const [first, second, third] = ['900', '300', '100'].map((most) => sent(setting(most)));
  clock.micros += 3_600_000_000;
  await takeIn(first as Dispatch); // and its engine died
  await takeIn(second as Dispatch, third as Dispatch);
  expect(await limit()).toBe(notional('100'));
});

test('the same limits are set again by whoever asks again, also under the same correlation id', async () => {
  const { clock, takeIn, sent, limit } = await openShard();
  const first = sent(setting('900'));
  await takeIn(first);
  await takeIn(sent(setting('100')));
  clock.micros += 6_000_000;
  await takeIn({ ...sent(setting('900')), by: first.by });
  expect(await limit()).toBe(notional('900'));
});

test('a copy is known though its sender’s clock was four seconds ahead', async () => {
  const { clock, takeIn, sent, limit } = await openShard();
  const ahead = { ...sent(setting('900')), sentAt: (clock.now() + 4_000_000) as Micros };
  await takeIn(ahead);
  await takeIn(sent(setting('100')));
  await takeIn(ahead);
  expect(await limit()).toBe(notional('100'));
});

test('a copy of a release does not undo the halt that was called since', async () => {
  const { takeIn, sent, isHalted } = await openShard();
  await takeIn(sent({ type: 'EngageKillSwitch' }));
  const release = sent({ type: 'ReleaseKillSwitch' });
  await takeIn(release);
  expect(await isHalted()).toBe(false);
  await takeIn(sent({ type: 'EngageKillSwitch' }));
  await takeIn(release);
  expect(await isHalted()).toBe(true);
  await takeIn(sent({ type: 'ReleaseKillSwitch' }));
  expect(await isHalted()).toBe(false);
});
