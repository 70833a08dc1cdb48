/** Each law bites: a day that is good passes them all, and the same day broken in one place fails the one it breaks. */
import { describe, expect, test } from 'vitest';
import { type CheckOptions, check } from './checker.ts';
import type { Evidence } from './evidence.ts';
import {
  accepted,
  ask,
  denied,
  filled,
  gathered,
  goodDay,
  id,
  limit,
  orderFor,
  orderId,
  type Story,
} from './testing/story.ts';
import { holds, tableOf } from './verdict.ts';

const OPTIONS: CheckOptions = { latestMs: 1_000 };

/** The broken laws, each with its violations. */
async function brokenBy(evidence: Evidence): Promise<Readonly<Record<string, readonly string[]>>> {
  const broken = check(evidence, OPTIONS).filter((verdict) => !holds(verdict));
  return Object.fromEntries(broken.map(({ law, violations }) => [law, violations]));
}

test('a good day passes every law', async () => {
  const verdicts = check(await goodDay().evidence(), OPTIONS);
  expect(verdicts.filter((verdict) => !holds(verdict))).toEqual([]);
  expect(verdicts).toHaveLength(20);
  expect(tableOf(verdicts)).toContain('✓ every acknowledged order is in the journal once');
});

test('laws that saw nothing do not hold', async () => {
  const nothing: Evidence = {
    calls: [],
    shards: [],
    views: { orders: [], executions: [], positions: [], rebuilt: [] },
  };
  const verdicts = check(nothing, OPTIONS);
  expect(verdicts.filter(holds)).toEqual([]);
  expect(tableOf(verdicts)).toContain('(needs 1)');
});

/** What goes wrong, the law that must notice, and how it says so. */
type Case = readonly [title: string, law: string, says: RegExp, breaks: (story: Story) => void];

const ONCE = 'every acknowledged order is in the journal once';
const UNKNOWN = 'what nobody knows happened once or never';
const RETRIES = 'who asks again hears of the one order';
const CLIENT_IDS = 'no client order id is accepted twice in a day';
const UNASKED = 'no order is there that nobody asked for';
const CANCELS = 'every acknowledged cancel is in the journal once';
const EXECUTIONS = 'no execution counts twice';
const LIMITS = 'used and reserved stay within the limits';
const SHARES = "the shards' limits come to no more than the firm's";
const HALTED_SHARD = 'a halted shard accepts nothing';
const HALT_REACHES = 'an acknowledged halt is in every shard';
const HALTED = 'halted everywhere means everywhere';

const approval = (n: number) => ({ status: 200, word: 'APPROVED', orderId: orderId(n) });
const write = (story: Story, n: number, correlationId: string, asked = ask(n)): void =>
  story.write('left', correlationId, accepted(orderFor(n, asked, correlationId)));

const CASES: readonly Case[] = [
  [
    'an acknowledged order is lost',
    ONCE,
    /answered 200 APPROVED .*, and not in the journal/,
    (story) => void story.call(ask(9), 'ok', approval(9)),
  ],
  [
    'an acknowledged order is taken twice',
    ONCE,
    /in the journal 2 times/,
    (story) => write(story, 10, story.approved('left', 9).correlationId, ask(9)),
  ],
  [
    'an order that was acknowledged as approved was denied',
    ONCE,
    /left@\d+ says denied/,
    (story) => {
      const correlationId = story.call(ask(9), 'ok', approval(9));
      story.write('left', correlationId, denied(orderFor(9, ask(9), correlationId)));
    },
  ],
  [
    'the journal holds another order than was asked for',
    ONCE,
    /holds another order/,
    (story) => write(story, 9, story.call(ask(9, { quantity: '101' }), 'ok', approval(9))),
  ],
  [
    'a trader is told another order id than the journal has',
    ONCE,
    /is about 0{8}-/,
    (story) => write(story, 8, story.call(ask(9), 'ok', approval(9)), ask(9)),
  ],
  [
    'a request without an answer is carried out twice',
    UNKNOWN,
    /unknown .* accepted at left@\d+, accepted at left@\d+/,
    (story) => {
      const correlationId = story.call(ask(9), 'unknown', { code: 'ECONNRESET' });
      write(story, 9, correlationId);
      write(story, 10, correlationId, ask(9));
    },
  ],
  [
    'a request that was refused for good is carried out all the same',
    UNKNOWN,
    /fail \(503 BUS_UNAVAILABLE\), and in the journal accepted/,
    (story) => write(story, 9, story.call(ask(9), 'fail', { status: 503, code: 'BUS_UNAVAILABLE' })),
  ],
  [
    'a 202 names another order than the one that comes',
    UNKNOWN,
    /told the order is 0{8}-.*, and the journal holds/,
    (story) => write(story, 10, story.call(ask(9), 'unknown', { ...approval(9), status: 202 }), ask(9)),
  ],
  [
    'a trader is never told what became of an order',
    RETRIES,
    /its trader still does not know/,
    (story) => void story.call(ask(9), 'unknown', { code: 'TIMEOUT' }),
  ],
  [
    'two retries are answered with two orders',
    RETRIES,
    /answered with the orders/,
    (story) => {
      story.approved('left', 9);
      story.approved('right', 10, ask(9));
    },
  ],
  [
    'a retry is told of a first order that there never was',
    RETRIES,
    /which was never accepted/,
    (story) => {
      const duplicate = { status: 409, code: 'CLIENT_ORDER_ID_DUPLICATE', orderId: orderId(77) };
      story.call(ask(9), 'unknown', { code: 'TIMEOUT' });
      story.call(ask(9), 'ok', duplicate);
    },
  ],
  [
    'a client order id is accepted in two shards',
    CLIENT_IDS,
    /alice c9: accepted at left@\d+ and right@\d+/,
    (story) => {
      story.approved('left', 9);
      story.approved('right', 10, ask(9));
    },
  ],
  ['an order appears that nobody sent', UNASKED, /nobody asked for/, (story) => write(story, 9, id(999))],
  [
    'an order id is used twice',
    UNASKED,
    /is decided at left@\d+ and right@\d+/,
    (story) => {
      story.approved('left', 9);
      story.approved('right', 9, ask(10));
    },
  ],
  [
    'an order is accepted long after it was asked for',
    'no order is accepted late',
    /accepted 5002 ms after/,
    (story) => {
      const correlationId = story.call(ask(9), 'unknown');
      story.now += 5_000;
      write(story, 9, correlationId);
    },
  ],
  [
    'an acknowledged cancel is lost',
    CANCELS,
    /is ok, in the journal 0 times/,
    (story) => void story.call({ what: 'cancel', user: 'alice', orderId: orderId(2) }, 'ok', { status: 200 }),
  ],
  [
    'another order is canceled',
    CANCELS,
    /in place of/,
    (story) => {
      const cancel = { what: 'cancel', user: 'alice', orderId: orderId(7) } as const;
      const correlationId = story.call(cancel, 'ok', { status: 200 });
      story.write('left', correlationId, { type: 'CancelRequested', orderId: orderId(2) });
    },
  ],
  [
    'an acknowledged order is not found',
    'who was told of an order finds it',
    /was acknowledged, then 404 ORDER_UNKNOWN/,
    (story) => {
      const unknown = { status: 404, code: 'ORDER_UNKNOWN' };
      story.call({ what: 'look', user: 'alice', orderId: orderId(1) }, 'fail', unknown);
    },
  ],
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

describe('a day that is broken in one place', () => {
  test.each(CASES)('%s', async (_title, law, says, breaks) => {
    const story = goodDay();
    breaks(story);
    const broken = await brokenBy(await story.evidence());
    expect(broken[law]).toEqual(expect.arrayContaining([expect.stringMatching(says)]));
  });
});

describe('views that are not what the journal says', () => {
  const FOLDS = 'positions are the fold of the fills';
  test('an execution shown twice, a position off by one, an order that got less', async () => {
    const story = goodDay();
    const { orders, executions, positions } = story.views;
    story.views = {
      ...story.views,
      orders: orders.map((row) => ({ ...row, executed_quantity: '99' })),
      executions: [...executions, ...executions],
      positions: positions.map((row) => ({ ...row, quantity: '101' })),
    };
    const found = (await brokenBy(await story.evidence()))[FOLDS]?.join('\n');
    expect(found).toMatch(/executions: .* x-1 .*: 1 in the journal, 2 shown/);
    expect(found).toMatch(/positions: left ALICE AAPL 10100000000: 0 in the journal, 1 shown/);
    expect(found).toMatch(/orders: .* 9900000000: 0 in the journal, 1 shown/);
  });
  test('a table that a rebuild gives otherwise', async () => {
    const story = goodDay();
    const wrong = { table: 'events', rows: 1, equal: false, firstDifference: 'event 7: missing' };
    story.views = { ...story.views, rebuilt: [...story.views.rebuilt, wrong] };
    expect(await brokenBy(await story.evidence())).toEqual({
      'the views are what the journal gives': ['events: event 7: missing'],
    });
  });
});

describe('a journal that was tampered with', () => {
  const CHAINS = 'every chain is whole';
  test('a row is missing', async () => {
    const evidence = await goodDay().evidence();
    const shards = await Promise.all(
      evidence.shards.map(({ shard, rows, head }) => gathered(shard, rows.toSpliced(3, 1), head)),
    );
    const broken = await brokenBy({ ...evidence, shards });
    expect(broken[CHAINS]).toEqual([
      expect.stringMatching(/^left@\d+: positions/),
      expect.stringMatching(/^right/),
    ]);
  });
  test('the verifier read fewer rows than were gathered', async () => {
    const evidence = await goodDay().evidence();
    const [left, right] = evidence.shards;
    if (left === undefined || right === undefined) throw new Error('two shards');
    const shards = [{ ...left, rows: [...left.rows, ...left.rows.slice(-1)] }, right];
    expect((await brokenBy({ ...evidence, shards }))[CHAINS]).toEqual([
      expect.stringMatching(/rows verified/),
    ]);
  });
});
