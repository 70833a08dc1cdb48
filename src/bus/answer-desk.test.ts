import { describe, expect, test } from 'vitest';
import { MemoryChannels } from '../cache/channels-memory.ts';
import { silentLog } from '../telemetry/log.ts';
import { AnswerDesk } from './answer-desk.ts';
import { answersChannel } from './answer-outbox.ts';
import { received, stage, told } from './intake.fixture.ts';
import { placing } from './placing.fixture.ts';
import type { Priority } from './priority.ts';

describe('the desk where answers are waited for', () => {
  const newDesk = (channels: MemoryChannels, waitMs = 60_000, waitingMax = 10): AnswerDesk =>
    new AnswerDesk({ node: 'api-1', channels, waitMs, waitingMax, log: silentLog() });

  test('each caller is given the answer to its own command', async () => {
    const { intake, channels } = stage();
    const desk = newDesk(channels);
    const orders = [placing(), placing()];
    const waits = orders.map(({ commandId }) => desk.answerTo(commandId));
    await intake.take(received(...orders));
    const outcomes = await Promise.all(waits);
    expect(outcomes.map((one) => one?.kind === 'committed' && one.committed.position)).toEqual([1, 2]);
    expect(desk.waiting).toBe(0);
    desk.close();
  });

  test('who waits in vain is told so, and a late answer is nobody’s', async () => {
    const { intake, channels } = stage();
    const desk = newDesk(channels, 1);
    const order = placing();
    expect(await desk.answerTo(order.commandId)).toBeUndefined();
    await intake.take(received(order));
    await told();
    expect(desk.waiting).toBe(0);
    desk.close();
  });

  test('too many do not wait, a command that was not sent is forgotten, and closing tells all', async () => {
    const desk = newDesk(new MemoryChannels(), 60_000, 2);
    const first = desk.answerTo('a');
    const second = desk.answerTo('b');
    expect(() => desk.answerTo('c')).toThrow('too many commands are waiting');
    desk.forget('a');
    expect(await first).toBeUndefined();
    desk.close();
    expect(await second).toBeUndefined();
  });

  test('a flood of orders leaves room for a cancel, and cancels for a halt', () => {
    const desk = newDesk(new MemoryChannels(), 60_000, 1);
    const isTaken = (id: string, priority: Priority): boolean => {
      try {
        void desk.answerTo(id, priority);
        return true;
      } catch {
        return false;
      }
    };
    expect(isTaken('order', 'rest')).toBe(true);
    expect([isTaken('order 2', 'rest'), isTaken('cancel', 'cancel')]).toEqual([false, true]);
    expect([isTaken('cancel 2', 'cancel'), isTaken('halt', 'firm')]).toEqual([false, true]);
    desk.close();
  });

  test('what is no answer does no harm', async () => {
    const channels = new MemoryChannels();
    const desk = newDesk(channels);
    channels.publish(answersChannel('api-1'), Buffer.from('nonsense'));
    channels.publish(answersChannel('api-1'), Buffer.alloc(0));
    await told();
    expect(desk.waiting).toBe(0);
    desk.close();
  });
});
