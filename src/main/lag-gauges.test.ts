/** How far a reader is behind: what is not known is not shown. */
import { expect, onTestFinished, test } from 'vitest';
import type { Position } from '../core/values/names.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { showLag } from './lag-gauges.ts';

function room() {
  const metrics = openMetrics();
  const reader = { position: 0 as Position, lag: undefined as number | undefined };
  const asked: Position[] = [];
  const answer = { seconds: 12.5 as number | undefined | Error };
  const ageOfNext = async (position: Position): Promise<number | undefined> => {
    asked.push(position);
    if (answer.seconds instanceof Error) throw answer.seconds;
    return answer.seconds;
  };
  const { projectionLag: events, projectionLagSeconds: seconds } = metrics;
  const stop = showLag({ shard: 'main', reader, events, seconds, ageOfNext, everyMs: 3 });
  onTestFinished(stop);
  const lines = async (): Promise<string[]> => {
    const text = await metrics.registry.metrics();
    return text.split('\n').filter((line) => line.startsWith('projection_lag'));
  };
  return { reader, asked, answer, stop, lines };
}

const shown = (events: number, seconds: number): string[] => [
  `projection_lag_events{shard="main"} ${events}`,
  `projection_lag_seconds{shard="main"} ${seconds}`,
];

test('nothing is said of a reader that has not said where it stands, and nothing is asked', async () => {
  const { reader, asked, lines } = room();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await lines()).toEqual([]);
  reader.lag = 0;
  await expect.poll(lines).toEqual(shown(0, 0));
  expect(asked).toEqual([]); // who has all is not behind, whatever the journal says
});

test('the age is that of the first fact it does not have, and is not kept while the journal is away', async () => {
  const { reader, asked, answer, lines } = room();
  Object.assign(reader, { position: 41, lag: 9 });
  await expect.poll(lines).toEqual(shown(9, 12.5));
  expect(new Set(asked)).toEqual(new Set([41]));
  answer.seconds = new Error('PostgreSQL is away');
  await expect.poll(lines).toEqual(shown(9, 0).slice(0, 1));
  answer.seconds = 3;
  await expect.poll(lines).toEqual(shown(9, 3));
  Object.assign(reader, { position: 50, lag: 0 });
  await expect.poll(lines).toEqual(shown(0, 0));
});

test('who leads no longer shows nothing, also where the journal answers late', async () => {
  const { reader, stop, lines } = room();
  Object.assign(reader, { position: 41, lag: 9 });
  await expect.poll(lines).toHaveLength(2);
  stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await lines()).toEqual([]);
});
