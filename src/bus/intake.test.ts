import { once } from 'node:events';
import { setImmediate as round } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { MemoryChannels } from '../cache/channels-memory.ts';
import type { Command } from '../core/commands.ts';
import type { Limits } from '../core/risk/limits.ts';
import { price } from '../core/values/fixed-point.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { Fault, type FaultCode } from '../faults/fault.ts';
import type { Committed, SourceMark } from '../journal/entry.ts';
import { silentLog } from '../telemetry/log.ts';
import { decodeAnswers } from './answer-codec.ts';
import { AnswerDesk } from './answer-desk.ts';
import { answersChannel } from './answer-outbox.ts';
import type { CommandReader } from './commands.ts';
import type { Answer, Dispatch, Received } from './dispatch.ts';
import { Intake, type IntakeOptions } from './intake.ts';
import { nextId, placing } from './placing.fixture.ts';

const NOW = 2_000_000 as Micros;

/** A decider that commits when it is told to, and may fail. */
class Scripted {
  readonly seen: { readonly command: Command; readonly mark: SourceMark | undefined }[] = [];
  failWith: FaultCode | undefined;
  /** Commands of this type find no room. */
  fullFor: Command['type'] | undefined;
  gate: Promise<void> = Promise.resolve();

  hasRoomFor({ type }: Command): boolean {
    return type !== this.fullFor;
  }

  async submit(command: Command, _by: unknown, mark?: SourceMark): Promise<Committed> {
    if (this.failWith !== undefined) throw new Fault(this.failWith);
    this.seen.push({ command, mark });
    const position = this.seen.length as Position;
    await this.gate;
    return { at: NOW, position, events: [{ type: 'KillSwitchEngaged' }] };
  }
}

function stage(options: Partial<IntakeOptions> = {}) {
  const decider = new Scripted();
  const channels = new MemoryChannels();
  const answers: Answer[] = [];
  const messages: number[] = [];
  channels.subscribe(answersChannel('api-1'), (bytes) => {
    messages.push(bytes.length);
    answers.push(...decodeAnswers(bytes));
  });
  const dropped: string[] = [];
  const intake = new Intake({
    shard: 's1',
    decider,
    channels,
    now: () => NOW,
    sample: () => ({ mark: price('150'), isFresh: true }),
    known: [],
    onDropped: (why) => dropped.push(why),
    ...options,
  });
  return { decider, channels, answers, messages, dropped, intake };
}

const received = (...dispatches: readonly (Dispatch | undefined)[]): readonly Received[] =>
  dispatches.map((dispatch, index) => ({
    mark: { source: 'C/t/0', offset: BigInt(index + 1) },
    dispatch,
    wrong: dispatch === undefined ? 'it is empty' : undefined,
  }));

async function told(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await round();
}

test('commands are decided in their order, with their marks and the quote of this engine, and answered together', async () => {
  const { intake, decider, answers, messages } = stage();
  const orders = [placing(), placing(), placing()];
  await intake.take(received(...orders));
  await intake.settled();
  await told();
  expect(decider.seen.map(({ mark }) => mark?.offset)).toEqual([1n, 2n, 3n]);
  expect(decider.seen[0]?.command).toMatchObject({ quote: { mark: price('150') } });
  expect(answers.map(({ commandId }) => commandId)).toEqual(orders.map(({ commandId }) => commandId));
  expect(answers[1]?.outcome).toEqual({
    kind: 'committed',
    committed: { at: NOW, position: 2, events: [{ type: 'KillSwitchEngaged' }] },
  });
  expect(messages).toHaveLength(1);
});

test('a command that comes again, an order that comes again, and one that the journal knows are dropped', async () => {
  const old = placing();
  const { intake, decider, dropped } = stage({ known: [old.command.order.orderId] });
  const order = placing();
  await intake.take(received(old, order, order, { ...order, commandId: nextId() }));
  await intake.settled();
  expect(decider.seen.map(({ mark }) => mark?.offset)).toEqual([2n]);
  expect(dropped).toEqual(['duplicate', 'duplicate', 'duplicate']);
});

test('what does not read is passed over', async () => {
  const { intake, decider, dropped } = stage();
  await intake.take(received(undefined, placing()));
  await intake.settled();
  expect(decider.seen).toHaveLength(1);
  expect(dropped).toEqual(['poison']);
});

describe('after its deadline', () => {
  const late = { deadline: (NOW - 1) as Micros };
  test('an order is decided as late, so that its refusal is a fact', async () => {
    const { intake, decider } = stage();
    await intake.take(received(placing({}, late), placing({}, { deadline: NOW })));
    await intake.settled();
    expect(decider.seen.map(({ command }) => 'isLate' in command && command.isLate)).toEqual([true, false]);
  });
  test('a release of the kill switch is answered with a fault and not decided', async () => {
    const { intake, decider, answers } = stage();
    const release: Dispatch = { ...placing({}, late), command: { type: 'ReleaseKillSwitch' } };
    await intake.take(received(release));
    await told();
    expect(decider.seen).toEqual([]);
    expect(answers[0]?.outcome).toMatchObject({ kind: 'fault', code: 'COMMAND_LATE' });
  });
});

describe('limits and a release from before what is remembered', () => {
  const limits = { positionMax: 1n, dailyVolumeMax: 1n, netExposureMax: 1n, grossExposureMax: 1n } as Limits;
  const set = (sentAt = 1): Dispatch => ({
    ...placing({}, { sentAt: sentAt as Micros }),
    command: { type: 'SetLimits', limits },
  });
  const release: Dispatch = { ...placing(), command: { type: 'ReleaseKillSwitch' } };

  test('are dropped where the journal has them, and carried out where it has not', async () => {
    const asked: [string, number][] = [];
    const { intake, decider, dropped } = stage({
      carriedOut: async ({ command: { type }, sentAt }) => {
        asked.push([type, sentAt]);
        return type === 'SetLimits';
      },
    });
    await intake.take(received(set(7), release, release, set(8)));
    await intake.settled();
    expect(asked).toEqual([
      ['SetLimits', 7],
      ['ReleaseKillSwitch', release.sentAt],
      ['SetLimits', 8],
    ]);
    expect(decider.seen.map(({ command }) => command.type)).toEqual(['ReleaseKillSwitch']);
    expect(dropped).toEqual(['duplicate', 'duplicate', 'duplicate']);
  });

  test('are not looked up where they are surely new, nor is anything else; a halt is always carried out', async () => {
    const { intake, decider } = stage({ carriedOut: () => Promise.reject(new Error('it was asked')) });
    const halt: Dispatch = { ...placing(), command: { type: 'EngageKillSwitch' } };
    await intake.take(received(halt, placing(), set(NOW + 30_000_001)));
    await intake.settled();
    expect(decider.seen).toHaveLength(3);
  });
});

test('no more is taken in than may be in flight', async () => {
  const { intake, decider } = stage({ inFlightMax: 2 });
  const gate = Promise.withResolvers<void>();
  decider.gate = gate.promise;
  let isTaken = false;
  const taking = intake.take(received(placing(), placing(), placing())).then(() => {
    isTaken = true;
  });
  await told();
  expect(decider.seen).toHaveLength(2);
  expect(isTaken).toBe(false);
  gate.resolve();
  await taking;
  expect(decider.seen).toHaveLength(3);
});

test.each(['SEQUENCER_STOPPED', 'JOURNAL_UNAVAILABLE', 'JOURNAL_CONFLICT'] as const)(
  'a decider that fails with %s ends the intake, and nobody is told what is not known',
  async (code) => {
    const { intake, decider, answers } = stage();
    decider.failWith = code;
    await intake.take(received(placing()));
    await intake.settled();
    decider.failWith = undefined;
    await expect(intake.take(received(placing()))).rejects.toMatchObject({ code });
    await told();
    expect(answers).toEqual([]);
    expect(decider.seen).toEqual([]);
  },
);

test('a full lane is waited out, and nothing behind it goes before: a later mark would say that it is decided', async () => {
  const { intake, decider } = stage();
  decider.fullFor = 'PlaceOrder';
  const halt: Dispatch = { ...placing(), command: { type: 'EngageKillSwitch' } };
  const taking = intake.take(received(placing(), halt));
  await told();
  expect(decider.seen).toEqual([]);
  decider.fullFor = undefined;
  await taking;
  await intake.settled();
  expect(decider.seen.map(({ command }) => command.type)).toEqual(['PlaceOrder', 'EngageKillSwitch']);
});

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

test('a decider that fails ends the following at once, though nothing more comes', async () => {
  const { intake, decider } = stage();
  decider.failWith = 'JOURNAL_UNAVAILABLE';
  const reader: CommandReader = {
    async follow(_shard, _from, take, signal) {
      await take(received(placing()));
      if (!signal.aborted) await once(signal, 'abort');
    },
  };
  const following = intake.follow(reader, undefined, new AbortController().signal);
  await expect(following).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
});

test('what is read is not taken in any more once nobody wants it: a successor reads it again', async () => {
  const { promise: asked, resolve: answer } = Promise.withResolvers<ReadonlySet<string>>();
  const late = placing({}, { deadline: (NOW - 1) as Micros });
  const { intake, decider } = stage({ knownSince: NOW, answered: () => asked });
  const unwanted = new AbortController();
  const taking = intake.take(received(late, placing()), unwanted.signal);
  unwanted.abort();
  answer(new Set());
  await taking;
  expect(decider.seen).toEqual([]);
});

test('a full lane is not waited out for what nobody wants', async () => {
  const { intake, decider } = stage();
  decider.fullFor = 'PlaceOrder';
  const unwanted = new AbortController();
  const taking = intake.take(received(placing()), unwanted.signal);
  await told();
  unwanted.abort();
  await taking;
  decider.fullFor = undefined;
  await intake.settled();
  expect(decider.seen).toEqual([]);
});

test('a late order from before what is remembered is looked up, one that was answered is dropped', async () => {
  const asked: string[][] = [];
  const [answered, unheard] = [1, 2].map(() => placing({}, { deadline: (NOW - 1) as Micros }));
  const { intake, decider, dropped } = stage({
    knownSince: NOW,
    answered: async (orderIds) => {
      asked.push([...orderIds]);
      return new Set(answered === undefined ? [] : [answered.command.order.orderId]);
    },
  });
  await intake.take(received(answered, unheard, placing({}, { deadline: NOW })));
  await intake.settled();
  expect(asked).toEqual([[answered, unheard].map((one) => one?.command.order.orderId)]);
  expect(decider.seen.map(({ mark }) => mark?.offset)).toEqual([2n, 3n]);
  expect(dropped).toEqual(['duplicate', 'late']);
});
