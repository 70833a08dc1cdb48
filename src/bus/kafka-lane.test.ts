/** Messages that wait for the request before them: who goes first, who has room, and who is told in time. */
import { expect, test } from 'vitest';
import { KafkaLane, type Letter } from './kafka-lane.ts';
import type { Priority } from './priority.ts';

const letter = (name: string): Letter => ({
  topic: 'T',
  partition: 0,
  key: Buffer.from('east'),
  value: Buffer.from(name),
});

/** A lane whose requests land when they are told to. */
function stage(waitingMax = 100) {
  const posted: string[] = [];
  let land = (): void => {};
  const post = (letters: readonly Letter[]): Promise<void> => {
    posted.push(letters.map(({ value }) => value.toString()).join(' '));
    return new Promise((resolve) => {
      land = resolve;
    });
  };
  const lane = new KafkaLane({ post, patienceMs: 1_000, waitingMax });
  const send = (name: string, priority: Priority): Promise<string> =>
    lane.send(letter(name), priority).then(
      () => 'kept',
      ({ code }: { readonly code: string }) => code,
    );
  return { lane, posted, send, land: () => land() };
}

/** The first request is on its way from here on. */
const underWay = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('halts and limits pass what waits, and not each other; a cancel stays behind its order', async () => {
  const { posted, send, land } = stage();
  const first = send('order1', 'rest');
  await underWay();
  void send('order2', 'rest');
  void send('cancel2', 'cancel');
  void send('release', 'firm');
  void send('halt', 'firm');
  void send('order3', 'rest');
  void send('limits', 'firm');
  land();
  expect(await first).toBe('kept');
  expect(posted).toEqual(['order1', 'release halt limits order2 cancel2 order3']);
});

test('a flood of orders leaves room for cancels, and cancels for a halt', async () => {
  const { posted, send, land } = stage(2);
  const first = send('order0', 'rest');
  await underWay();
  void send('order1', 'rest');
  void send('order2', 'rest');
  expect(await send('order3', 'rest')).toBe('BUS_UNAVAILABLE');
  void send('cancel1', 'cancel');
  expect(await send('cancel2', 'cancel')).toBe('BUS_UNAVAILABLE');
  void send('halt', 'firm');
  land();
  await first;
  expect(posted.at(-1)).toBe('halt order1 order2 cancel1');
});

test('what was not sent in time is surely not sent, what is under way may be', async () => {
  const { lane, posted, send } = stage();
  const flying = send('order1', 'rest');
  await underWay();
  const waiting = send('order2', 'rest');
  lane.sweep(performance.now() + 1_001);
  expect(await Promise.all([flying, waiting])).toEqual(['COMMAND_IN_DOUBT', 'BUS_UNAVAILABLE']);
  expect(posted).toEqual(['order1']);
});

test('a request that failed is told of with how many it carried, also when nobody waits for them any more', async () => {
  const failed: (readonly [code: string, letters: number])[] = [];
  let fail = (): void => {};
  const post = (): Promise<void> =>
    new Promise((_resolve, reject) => {
      fail = () => reject(new Error('no answer'));
    });
  const onFailed = ({ code }: { readonly code: string }, letters: number): void => {
    failed.push([code, letters]);
  };
  const lane = new KafkaLane({ post, patienceMs: 1_000, waitingMax: 100, onFailed });
  const outcomes = [lane.send(letter('order1')), lane.send(letter('order2'))].map((sent) =>
    sent.catch(({ code }: { readonly code: string }) => code),
  );
  await underWay();
  lane.sweep(performance.now() + 1_001);
  expect(await Promise.all(outcomes)).toEqual(['COMMAND_IN_DOUBT', 'COMMAND_IN_DOUBT']);
  fail();
  await expect.poll(() => failed).toEqual([['COMMAND_IN_DOUBT', 2]]);
});
