/** The bus as the API measures it: what was kept and what was answered, and nothing else. */
import { expect, onTestFinished, test } from 'vitest';
import { encodeAnswers } from '../bus/answer-codec.ts';
import { AnswerDesk } from '../bus/answer-desk.ts';
import { answersChannel } from '../bus/answer-outbox.ts';
import { placing } from '../bus/placing.fixture.ts';
import { MemoryChannels } from '../cache/channels-memory.ts';
import { Fault } from '../faults/fault.ts';
import { silentLog } from '../telemetry/log.ts';
import { openMetrics } from '../telemetry/metrics.ts';
import { timedAnswers, timedSender } from './timed-bus.ts';

const DISPATCH = placing();

function room(waitMs: number, waitingMax?: number) {
  const metrics = openMetrics();
  const channels = new MemoryChannels();
  const options = waitingMax === undefined ? {} : { waitingMax };
  const desk = new AnswerDesk({ node: 'n', channels, waitMs, log: silentLog(), ...options });
  onTestFinished(() => desk.close());
  const value = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name} (.*)$`, 'm').exec(await metrics.registry.metrics())?.[1]);
  return { metrics, channels, answers: timedAnswers(desk, metrics), value };
}

test('an answer is timed when it is heard; one that never comes is not', async () => {
  const { channels, answers, value } = room(60);
  const { commandId, shard } = DISPATCH;
  const answered = answers.answerTo(commandId);
  const unanswered = answers.answerTo('another');
  const outcome = { kind: 'fault', code: 'COMMAND_LATE', detail: undefined } as const;
  channels.publish(answersChannel('n'), encodeAnswers([{ commandId, shard, outcome }]));
  expect(await answered).toMatchObject({ code: 'COMMAND_LATE' });
  expect(await unanswered).toBeUndefined();
  expect(await value('bus_answer_seconds_count')).toBe(1);
  expect(await value('bus_answer_seconds_sum')).toBeLessThan(0.06);
});

test('a desk that is full says so before anything is sent, and a forgotten command is forgotten', async () => {
  const { answers, value } = room(10_000, 1);
  const first = answers.answerTo('one');
  expect(() => answers.answerTo('two')).toThrow(new Fault('SEQUENCER_BUSY'));
  answers.forget('one');
  expect(await first).toBeUndefined();
  expect(await value('bus_answer_seconds_count')).toBe(0);
});

test('a command is timed when it is kept; one that was not kept is not, and its fault goes on', async () => {
  const { metrics, value } = room(10);
  let fault: Fault | undefined;
  const sender = timedSender(
    {
      send: async () => {
        if (fault !== undefined) throw fault;
      },
    },
    metrics,
  );
  await sender.send(DISPATCH);
  expect(await value('bus_send_seconds_count')).toBe(1);
  fault = new Fault('BUS_UNAVAILABLE');
  await expect(sender.send(DISPATCH)).rejects.toBe(fault);
  expect(await value('bus_send_seconds_count')).toBe(1);
});
