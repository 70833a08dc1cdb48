/** The laws of what traders were told bite: a good day, broken in one place, fails the law that it breaks. */
import { expect, test } from 'vitest';
import { brokenBy, type Case } from '../testing/broken.ts';
import { accepted, ask, denied, goodDay, id, orderFor, orderId, type Story } from '../testing/story.ts';

const ONCE = 'every acknowledged order is in the journal once';
const UNKNOWN = 'what nobody knows happened once or never';
const RETRIES = 'who asks again hears of the one order';
const CLIENT_IDS = 'no client order id is accepted twice in a day';
const UNASKED = 'no order is there that nobody asked for';
const CANCELS = 'every acknowledged cancel is in the journal once';

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
    'an order is found that the journal does not have',
    'what was found is in the journal',
    /was found EXECUTING, and is not in the journal/,
    (story) => {
      const found = { status: 200, word: 'EXECUTING' };
      story.call({ what: 'look', user: 'alice', orderId: orderId(77) }, 'ok', found);
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
];

test.each(CASES)('%s', async (_title, law, says, breaks) => {
  const story = goodDay();
  breaks(story);
  const broken = await brokenBy(await story.evidence());
  expect(broken[law]).toEqual(expect.arrayContaining([expect.stringMatching(says)]));
});
