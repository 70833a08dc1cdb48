/** What became of a command whose answer got lost, as its journal has it: found where it is, and nothing else taken for it. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { RecordAccess } from '../core/commands.ts';
import { DEFAULT_LIMITS } from '../core/risk/limits.ts';
import { notional } from '../core/values/fixed-point.ts';
import type { CorrelationId, Micros, UserId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { OPENING, SHARD, type Stage, stage, TestClock } from '../sequencer/stage.fixture.ts';
import { Witness, type Witnessed } from './witness.ts';

const BEGAN = 1_769_780_000_000_000;
const command: RecordAccess = { type: 'RecordAccess', what: 'LoggedIn', subject: 'trader1' };
const by = {
  user: 'trader1' as UserId,
  origin: '127.0.0.1',
  correlationId: '00000000-0000-7000-8000-000000000007' as CorrelationId,
  reason: undefined,
};
const dispatch: Witnessed = {
  commandId: '00000000-0000-7000-8000-000000000001',
  shard: SHARD,
  command,
  by,
  sentAt: (BEGAN + 60_000_000) as Micros,
  deadline: undefined,
  replyTo: 'here',
};

let clock: TestClock;
let on: Stage;
let witness: Witness;
beforeEach(async () => {
  clock = new TestClock();
  on = stage({ clock });
  await on.sequencer.start();
  for (const opening of OPENING) await on.sequencer.submit(opening, by);
  clock.micros = dispatch.sentAt;
  witness = new Witness(() => on.journal, 150);
});

test('what is in the journal is told as its engine told it', async () => {
  const committed = await on.sequencer.submit(command, by);
  await on.sequencer.submit({ type: 'EngageKillSwitch' }, by);
  expect(await witness.find(dispatch)).toEqual(committed);
});

test('what comes into the journal while it is looked for is found', async () => {
  const found = witness.find(dispatch);
  await on.sequencer.submit({ type: 'EngageKillSwitch' }, by); // and is passed over
  const committed = await on.sequencer.submit(command, by);
  expect(await found).toEqual(committed);
});

test.each([
  ['another user', { ...by, user: 'trader2' as UserId }, command],
  ['another address', { ...by, origin: '10.0.0.1' }, command],
  [
    'another conversation',
    { ...by, correlationId: '00000000-0000-7000-8000-000000000008' as never },
    command,
  ],
  ['another outcome', by, { ...command, what: 'LoginRefused' } as const],
  ['another name', by, { ...command, subject: 'trader2' }],
])('of %s it says nothing', async (_title, whose, what) => {
  await on.sequencer.submit(what, whose);
  expect(await witness.find(dispatch)).toBeUndefined();
});

describe('a halt', () => {
  const halt: Witnessed = { ...dispatch, command: { type: 'EngageKillSwitch' } };

  test('is as good as its facts', async () => {
    const committed = await on.sequencer.submit(halt.command, by);
    expect(await witness.find(halt)).toEqual(committed);
  });

  test('that was released since holds no more, until it is engaged again', async () => {
    await on.sequencer.submit(halt.command, by);
    await on.sequencer.submit({ type: 'ReleaseKillSwitch' }, { ...by, user: 'risk2' as UserId });
    expect(await witness.find(halt)).toBeUndefined();
    const again = await on.sequencer.submit(halt.command, by);
    expect(await witness.find(halt)).toEqual(again);
  });
});

test('limits that were set otherwise since hold no more', async () => {
  const limits = { ...DEFAULT_LIMITS, positionMax: notional('5') };
  const set: Witnessed = { ...dispatch, command: { type: 'SetLimits', limits } };
  const committed = await on.sequencer.submit(set.command, by);
  expect(await witness.find(set)).toEqual(committed);
  await on.sequencer.submit({ type: 'SetLimits', limits: DEFAULT_LIMITS }, by);
  expect(await witness.find(set)).toBeUndefined();
});

test('a row of a newer program says nothing', async () => {
  const newer = {
    positionBefore: () => Promise.reject(new Fault('JOURNAL_NEWER')),
    read: on.journal.read.bind(on.journal),
  };
  expect(await new Witness(() => newer, 5_000).find(dispatch)).toBeUndefined();
});

test('a login of before is not taken for this one', async () => {
  clock.micros = dispatch.sentAt - 6_000_000;
  await on.sequencer.submit(command, by);
  expect(await witness.find(dispatch)).toBeUndefined();
});

test('a journal that does not answer is asked again, and not for ever', async () => {
  const committed = await on.sequencer.submit(command, by);
  let refusals = 2;
  const { journal } = on;
  const failing = {
    positionBefore: (time: Micros) => {
      refusals -= 1;
      if (refusals >= 0) throw new Fault('JOURNAL_UNAVAILABLE');
      return journal.positionBefore(time);
    },
    read: journal.read.bind(journal),
  };
  expect(await new Witness(() => failing, 5_000).find(dispatch)).toEqual(committed);
  refusals = Number.POSITIVE_INFINITY;
  expect(await new Witness(() => failing, 20).find(dispatch)).toBeUndefined();
});
