import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Limits } from '../core/risk/limits.ts';
import { price } from '../core/values/fixed-point.ts';
import type { Micros } from '../core/values/names.ts';
import type { CommandReader } from './commands.ts';
import type { Dispatch } from './dispatch.ts';
import { NOW, received, stage, told } from './intake.fixture.ts';
import { nextId, placing } from './placing.fixture.ts';

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
  const cancel: Dispatch = {
    ...placing(),
    command: { type: 'CancelOrder', orderId: placing().command.order.orderId, owner: undefined },
  };
  const taking = intake.take(received(placing(), cancel));
  await told();
  expect(decider.seen).toEqual([]);
  decider.fullFor = undefined;
  await taking;
  await intake.settled();
  expect(decider.seen.map(({ command }) => command.type)).toEqual(['PlaceOrder', 'CancelOrder']);
});

describe('a halt behind orders that wait', () => {
  const halt = (): Dispatch => ({ ...placing(), command: { type: 'EngageKillSwitch' } });
  const seenBy = ({ seen }: ReturnType<typeof stage>['decider']) =>
    seen.map(({ command: { type }, mark }) => [type, mark?.offset]);

  test.each([
    ['for room in their lane', {}, 'PlaceOrder' as const],
    ['for those under way', { inFlightMax: 1 }, undefined],
  ])('%s is decided before them, once, without a mark, and is answered', async (_title, options, fullFor) => {
    const { intake, decider, answers, dropped } = stage(options);
    const gate = Promise.withResolvers<void>();
    decider.gate = gate.promise;
    const first = placing();
    await intake.take(received(first));
    decider.fullFor = fullFor;
    const urgent = halt();
    const batch = received(placing(), placing(), urgent, placing());
    const taking = intake.take(batch);
    await told();
    const before = [
      ['PlaceOrder', 1n],
      ['EngageKillSwitch', undefined],
    ];
    expect(seenBy(decider)).toEqual(before);
    decider.fullFor = undefined;
    gate.resolve();
    await taking;
    await intake.settled();
    await told();
    const after = [1n, 2n, 4n].map((offset) => ['PlaceOrder', offset]);
    expect(seenBy(decider)).toEqual([...before, ...after]);
    expect(answers.filter(({ commandId }) => commandId === urgent.commandId)).toHaveLength(1);
    expect(dropped).toEqual([]);
    await intake.take(received(urgent));
    expect(dropped).toEqual(['duplicate']);
  });

  test.each(['ReleaseKillSwitch', 'SetLimits'] as const)('goes before no %s', async (type) => {
    const limits = {} as Limits;
    const { intake, decider } = stage({ carriedOut: async () => false });
    decider.fullFor = 'PlaceOrder';
    const other: Dispatch = { ...placing(), command: type === 'SetLimits' ? { type, limits } : { type } };
    const taking = intake.take(received(placing(), other, halt()));
    await told();
    expect(decider.seen).toEqual([]);
    decider.fullFor = undefined;
    await taking;
    expect(decider.seen.map(({ command }) => command.type)).toEqual(['PlaceOrder', type, 'EngageKillSwitch']);
  });

  test('is not decided where nobody wants it any more', async () => {
    const { intake, decider } = stage();
    decider.fullFor = 'PlaceOrder';
    const taking = intake.take(received(placing(), halt()), AbortSignal.abort());
    await taking;
    expect(decider.seen).toEqual([]);
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
  const inTime = placing({}, { deadline: NOW, sentAt: (NOW + 30_000_000) as Micros });
  await intake.take(received(answered, unheard, inTime));
  await intake.settled();
  expect(asked).toEqual([[answered, unheard].map((one) => one?.command.order.orderId)]);
  expect(decider.seen.map(({ mark }) => mark?.offset)).toEqual([2n, 3n]);
  expect(dropped).toEqual(['duplicate', 'late']);
});

test('a copy that is in time is known as long as it may be, however many orders come in between', async () => {
  const begun = 1_000_000_000_000;
  let now = begun as Micros;
  const asked: string[] = [];
  const { intake, decider, dropped } = stage({
    now: () => now,
    rememberMs: 45_000,
    answered: async (orderIds) => {
      asked.push(...orderIds);
      return new Set();
    },
  });
  const ahead = { sentAt: (begun + 30_000_000) as Micros, deadline: (begun + 45_000_000) as Micros };
  const order = placing({}, ahead); // by a clock that is well ahead of ours
  await intake.take(received(order));
  for (let second = 0; second < 44; second += 1) {
    now = (now + 1_000_000) as Micros;
    const many = Array.from({ length: 7_000 }, () => placing({}, { sentAt: now }));
    await intake.take(received(...many));
  }
  const before = decider.seen.length;
  await intake.take(received(order));
  await intake.settled();
  expect(decider.seen.length).toBe(before);
  expect(dropped).toEqual(['duplicate']);
  expect(asked).toEqual([]);
});

test('an order that is in time is looked up too where what it may be a copy of is not remembered', async () => {
  const order = placing({}, { sentAt: NOW, deadline: (NOW + 600_000_000) as Micros });
  const { intake, decider, dropped } = stage({
    knownSince: NOW, // a node whose orders have longer than ours sent it
    answered: async (orderIds) => orderIds,
  });
  await intake.take(received(order));
  expect(decider.seen).toEqual([]);
  expect(dropped).toEqual(['duplicate']);
});
