/** What is measured is read off the journal: when a new owner first accepted an order, and nothing of the old one. */
import { expect, test } from 'vitest';
import { ask, goodDay, id, type Story } from '../checker/testing/story.ts';
import { pauses, takeovers } from './measures.ts';

const acceptedAfter = (story: Story, ms: number, n: number): void => {
  story.now += ms;
  story.approved('left', n, ask(n));
};

test('a takeover ends with the first order that the new owner accepts', async () => {
  const story = goodDay();
  const killedAt = story.now + 3;
  acceptedAfter(story, 100, 10); // the old owner's last words, committed after the signal
  story.epoch = 2;
  story.now += 2_000;
  story.write('left', id(4), { type: 'TradingClosed', why: 'recovering' });
  acceptedAfter(story, 3_000, 11);
  acceptedAfter(story, 1_000, 12);
  const times = takeovers(await story.evidence(), killedAt);
  expect([...times]).toEqual([['left', 10 + 100 + 2_000 + 10 + 3_000 + 2 - 3]]);
});

test('a shard that kept its owner was not taken over', async () => {
  const story = goodDay();
  const killedAt = story.now;
  acceptedAfter(story, 100, 10);
  expect(takeovers(await story.evidence(), killedAt).size).toBe(0);
});

test('a pause is the longest that a trader got no answer, counted from the one before the failure', async () => {
  const story = goodDay();
  acceptedAfter(story, 5_000, 10); // before the failure: does not count
  const failedAt = story.now + 20;
  acceptedAfter(story, 3_000, 11);
  acceptedAfter(story, 1_000, 12);
  expect(pauses(await story.evidence(), failedAt)).toEqual([3_010]);
});

test('of several failures in a row each has the pauses of its own time', async () => {
  const story = goodDay();
  acceptedAfter(story, 5_000, 10);
  const first = story.now + 20;
  acceptedAfter(story, 3_000, 11);
  const second = story.now + 20;
  acceptedAfter(story, 1_000, 12);
  acceptedAfter(story, 2_000, 13);
  const evidence = await story.evidence();
  expect(pauses(evidence, first, second - 10)).toEqual([3_010]);
  expect(pauses(evidence, second, story.now)).toEqual([2_010]);
});
