/** Taking in what comes for a shard: through a journal that does not answer for a moment, and past old copies. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { CommandReader } from '../bus/commands.ts';
import type { KafkaReader } from '../bus/kafka-reader.ts';
import { type Placing, placing } from '../bus/placing.fixture.ts';
import { MemoryChannels } from '../cache/channels-memory.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Journal } from '../journal/journal.ts';
import { by, entriesOf, openStage, TestClock } from '../sequencer/stage.fixture.ts';
import { silentLog } from '../telemetry/log.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { loadConfig } from './load-config.ts';
import { takingInFor } from './taking-in.ts';

/** `journal`, which does not answer the first `failures` questions about its past. */
function faltering(journal: Journal, failures: number): Pick<Journal, 'read' | 'positionBefore'> {
  let left = failures;
  return {
    read: (after: Position) => journal.read(after),
    positionBefore: async (time: Micros) => {
      left -= 1;
      if (left >= 0) throw new Fault('JOURNAL_UNAVAILABLE');
      return await journal.positionBefore(time);
    },
  };
}

/** A shard whose bus holds `dispatches`; resolves when they are taken in. */
async function takeIn(dispatches: readonly Placing[], failures: number, minutesLater = 0) {
  const clock = new TestClock();
  const { sequencer, journal } = await openStage({ clock });
  for (const { command } of dispatches) await sequencer.submit({ ...command, isLate: true }, by);
  clock.micros += minutesLater * 60_000_000;
  const stopping = new AbortController();
  const reader: CommandReader = {
    async follow(_shard, _from, take, signal) {
      const source = 'C/t/0';
      await take(
        dispatches.map((dispatch, n) => ({
          mark: { source, offset: BigInt(n + 1) },
          dispatch,
          wrong: undefined,
        })),
      );
      stopping.abort();
      if (!signal.aborted) await once(signal, 'abort');
    },
  };
  const site = { clock, config: loadConfig({}, true), log: silentLog(), metrics: openMetrics() };
  const bus = { reader: reader as KafkaReader };
  const deciding = { shard: 'test', sequencer, journal: faltering(journal, failures), board };
  await takingInFor({ site, bus, channels: new MemoryChannels() })(deciding, stopping.signal);
  const events = (await entriesOf(journal)).flatMap((entry) => entry.events);
  return { isTaken: stopping.signal.aborted, denials: events.filter(({ type }) => type === 'OrderDenied') };
}

const board = { sample: () => undefined };

test('a journal that does not answer for a moment is asked again', async () => {
  expect((await takeIn([placing()], 2)).isTaken).toBe(true);
});

test('a copy of an order that was answered long ago is no second answer', async () => {
  const copy = placing({}, { deadline: 1 as Micros });
  expect((await takeIn([copy], 0, 60)).denials).toHaveLength(1);
});
