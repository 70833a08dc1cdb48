/** The laws of executions, limits, halts and the journal bite: a good day, broken in one place, fails the law it breaks. */
import { expect, test } from 'vitest';
import { check } from '../checker.ts';
import { brokenBy, type Case, OPTIONS } from '../testing/broken.ts';
import {
  accepted,
  ask,
  filled,
  goodDay,
  id,
  limit,
  orderFor,
  orderId,
  SHARDS,
  type Story,
} from '../testing/story.ts';

const EXECUTIONS = 'no execution counts twice';
const LIMITS = 'used and reserved stay within the limits';
const SHARES = "the shards' limits come to no more than the firm's";
const HALTED_SHARD = 'a halted shard accepts nothing';
const HALT_REACHES = 'an acknowledged halt is in every shard';
const HALTED = 'halted everywhere means everywhere';

/** All is halted, and everybody is told. */
function halted(story: Story): void {
  const halt = story.call({ what: 'halt', user: 'risk' }, 'ok', { status: 200 });
  for (const shard of SHARDS) story.write(shard, halt, { type: 'KillSwitchEngaged' });
}

/** The right shard accepts order `n`, whose trader gets no answer. */
function unheard(story: Story, n: number): void {
  const correlationId = story.call(ask(n), 'unknown', { code: 'TIMEOUT' });
  story.write('right', correlationId, accepted(orderFor(n, ask(n), correlationId)));
}

const CASES: readonly Case[] = [
  [
    'an execution is booked twice',
    EXECUTIONS,
    /execution left x-1 fills at/,
    (story) => story.write('left', id(4), filled(2, 'x-1', '1')),
  ],
  [
    'an order gets more than it asked for',
    EXECUTIONS,
    /asked 100 and got 101/,
    (story) => story.write('left', id(4), filled(2, 'x-9', '101')),
  ],
  [
    'an order is filled that was never accepted',
    EXECUTIONS,
    /is filled and was never accepted/,
    (story) => story.write('left', id(4), filled(8, 'x-9', '1')),
  ],
  [
    'an order is accepted over the position limit',
    LIMITS,
    /OrderAccepted brings position to 1530000, over 1000000/,
    (story) => void story.approved('left', 9, ask(9, { quantity: '10000' })),
  ],
  [
    'an order is accepted over the daily volume, though its position is small',
    LIMITS,
    /OrderAccepted brings daily volume to/,
    (story) => {
      for (let n = 20; n < 34; n++) {
        story.approved('left', n, ask(n, { quantity: '500', side: n % 2 === 0 ? 'BUY' : 'SELL' }));
      }
    },
  ],
  [
    'facts come that the core cannot have decided',
    'the core reckons as plain sums do',
    /the facts do not fit together: order .* works/,
    (story) => story.write('left', id(4), { type: 'OrderCanceled', orderId: orderId(8) }),
  ],
  [
    'limits come to more over all shards than the firm has',
    SHARES,
    /max_position_size is 1000000, and its shares come to 2000000/,
    (story) => limit(story, '1000000', '1000000'),
  ],
  [
    'limits do not reach a shard',
    SHARES,
    /not set in left, right/,
    (story) => void story.call({ what: 'limits', user: 'risk', limits: {} }, 'ok', { status: 200 }),
  ],
  [
    'an order is accepted in a halted shard',
    HALTED_SHARD,
    /right@\d+: accepted while halted/,
    (story) => {
      const halt = story.call({ what: 'halt', user: 'risk' }, 'unknown');
      story.write('right', halt, { type: 'KillSwitchEngaged' });
      story.approved('right', 9);
    },
  ],
  [
    'a halt is acknowledged that has not reached every shard',
    HALT_REACHES,
    /halt acknowledged, 0 times in right/,
    (story) => {
      const halt = story.call({ what: 'halt', user: 'risk' }, 'ok', { status: 200 });
      story.write('left', halt, { type: 'KillSwitchEngaged' });
    },
  ],
  [
    'an order is approved after everybody was told that all is halted',
    HALTED,
    /APPROVED .* while all was said to be halted/,
    (story) => {
      story.call({ what: 'halt', user: 'risk' }, 'ok', { status: 200 });
      story.approved('right', 9);
    },
  ],
  [
    'a shard accepts an order after everybody was told that all is halted, and its trader never hears',
    HALTED,
    /right@\d+: accepted after call \d+ was told that all is halted/,
    (story) => {
      story.call({ what: 'halt', user: 'risk' }, 'ok', { status: 200 });
      story.now += 1_000;
      unheard(story, 9);
    },
  ],
  [
    'a shard halts only after everybody was told that all is halted',
    HALTED,
    /acknowledged before right@\d+ halted/,
    (story) => {
      const halt = story.call({ what: 'halt', user: 'risk' }, 'ok', { status: 200 });
      story.write('left', halt, { type: 'KillSwitchEngaged' });
      story.now += 1_000;
      unheard(story, 9);
      story.write('right', halt, { type: 'KillSwitchEngaged' });
    },
  ],
  [
    'a halted shard is released, and nobody asked for that',
    HALTED,
    /right@\d+: released, and nobody asked for that/,
    (story) => {
      halted(story);
      story.write('right', id(4), { type: 'KillSwitchReleased' });
      unheard(story, 9);
    },
  ],
  [
    'a release is carried out that was said to have failed',
    HALTED,
    /right@\d+: released, and nobody asked for that/,
    (story) => {
      halted(story);
      const release = story.call({ what: 'release', user: 'risk' }, 'fail', { code: 'BUS_UNAVAILABLE' });
      story.write('right', release, { type: 'KillSwitchReleased' });
    },
  ],
  [
    'a release whose fate is not known does not hide what a later halt promised',
    HALTED,
    /right@\d+: accepted after call \d+ was told/,
    (story) => {
      story.call({ what: 'release', user: 'risk' }, 'unknown');
      halted(story);
      unheard(story, 9);
    },
  ],
  [
    'an epoch falls',
    'epochs never fall',
    /epoch 0 after 1/,
    (story) => {
      story.epoch = 0;
      story.write('left', id(4), { type: 'TradingClosed', why: 'test' });
    },
  ],
  [
    'the bus is read again',
    'bus offsets never fall',
    /offset 0 after/,
    (story) => {
      story.offset = 0n;
      story.write('left', id(4), { type: 'TradingClosed', why: 'test' });
    },
  ],
];

test.each(CASES)('%s', async (_title, law, says, breaks) => {
  const story = goodDay();
  breaks(story);
  const broken = await brokenBy(await story.evidence());
  expect(broken[law]).toEqual(expect.arrayContaining([expect.stringMatching(says)]));
});

test('a release that was asked for ends a halt, also one whose fate its client never learned', async () => {
  const story = goodDay();
  halted(story);
  const release = story.call({ what: 'release', user: 'risk' }, 'unknown');
  for (const shard of SHARDS) story.write(shard, release, { type: 'KillSwitchReleased' });
  unheard(story, 9);
  expect((await brokenBy(await story.evidence()))[HALTED]).toBeUndefined();
});

test('a halt in which nobody asked for an order proves nothing', async () => {
  const story = goodDay();
  const countFrom = story.now;
  halted(story);
  const [law] = check(await story.evidence(), { ...OPTIONS, countFrom }).filter((one) => one.law === HALTED);
  expect(law).toMatchObject({ seen: 0, needs: 1, violations: [] });
});
