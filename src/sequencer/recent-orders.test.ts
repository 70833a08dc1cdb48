/** Which orders a new owner knows of, so that a command that is delivered twice is carried out once. */
import { expect, test } from 'vitest';
import { buy, idOf, place } from '../core/testing/story.ts';
import type { Micros } from '../core/values/names.ts';
import { recentOrders } from './recent-orders.ts';
import { by, openStage, TestClock } from './stage.fixture.ts';

test('accepted and denied orders since a time are known, older ones are not', async () => {
  const clock = new TestClock();
  const { sequencer, journal } = await openStage({ clock });
  await sequencer.submit(place(buy('OLD', '1', '10')), by);
  clock.micros += 60_000_000;
  const since = clock.micros as Micros;
  await sequencer.submit(place(buy('NEW', '1', '10')), by);
  await sequencer.submit({ ...place(buy('LATE', '1', '10')), isLate: true }, by);
  expect([...(await recentOrders(journal, since))]).toEqual([idOf('NEW'), idOf('LATE')]);
  expect((await recentOrders(journal, 0 as Micros)).size).toBe(3);
});
