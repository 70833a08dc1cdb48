/** The sequencer's stories: who shares a commit, who waits for whom, who is turned away, and how it ends. */
import { describe, expect, test } from 'vitest';
import type { Command } from '../core/commands.ts';
import { buy, filled, order, place, report } from '../core/testing/story.ts';
import type { OrderId } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { MemoryJournal } from '../journal/memory.ts';
import {
  by,
  entriesOf,
  liveHash,
  OPENING,
  openStage,
  outcome,
  rowsOf,
  settled,
  stage,
  TestClock,
} from './stage.fixture.ts';

const small = (name: string): Command => place(buy(name, '1', '10'));
const halt: Command = { type: 'EngageKillSwitch' };
const unheardOf: Command = report(order('nobody'), { kind: 'canceled' }); // brings no fact about

describe('a commit', () => {
  test('a lone command is answered with its facts, and they are in the journal by then', async () => {
    const { sequencer, journal } = await openStage();
    const { events, position, at } = await sequencer.submit(small('A'), by);
    expect(events.map(({ type }) => type)).toEqual(['AccountOpened', 'OrderAccepted']);
    const last = (await entriesOf(journal)).at(-1);
    expect(last).toEqual({ ...by, at, events });
    expect(sequencer.position).toBe(position);
    expect((await journal.head()).position).toBe(position);
  });

  test('nobody is answered and nothing is announced before the commit', async () => {
    const { sequencer, journal, announced } = await openStage();
    const before = announced.length;
    const release = journal.hold();
    let isAnswered = false;
    const submitted = sequencer.submit(small('A'), by).then(() => {
      isAnswered = true;
    });
    await settled();
    expect([isAnswered, announced.length, journal.underWay]).toEqual([false, before, 1]);
    release();
    await submitted;
    expect(announced.length).toBe(before + 1);
  });

  test('while one batch commits, the commands that come share the next; one append at a time', async () => {
    const { sequencer, journal } = await openStage();
    const rowsBefore = (await rowsOf(journal)).length;
    const release = journal.hold();
    const first = sequencer.submit(small('first'), by);
    await settled();
    const rest = Array.from({ length: 20 }, (_, i) => sequencer.submit(small(`r${i}`), by));
    await settled();
    release();
    await Promise.all([first, ...rest]);
    expect((await rowsOf(journal)).length - rowsBefore).toBe(2);
    expect(journal.underWayMax).toBe(1);
  });

  test('batches are bounded by events and by bytes', async () => {
    const counts = async (batch: { eventsMax?: number; bytesMax?: number }): Promise<number[]> => {
      const { sequencer, journal } = await openStage({ batch });
      await Promise.all(Array.from({ length: 100 }, () => sequencer.submit(halt, by)));
      return (await rowsOf(journal)).map(({ count }) => count);
    };
    expect(Math.max(...(await counts({ eventsMax: 7 })))).toBe(7);
    const one =
      (await rowsOf((await openStage({ batch: { eventsMax: 1 } })).journal)).at(-1)?.body.length ?? 0;
    const bound = Math.max(...(await counts({ bytesMax: 20 * one })).slice(2));
    expect(bound).toBeGreaterThan(5);
    expect(bound).toBeLessThan(40);
  });

  test('a command without facts writes no entry, and is answered after all before it', async () => {
    const { sequencer, journal } = await openStage();
    const head = await journal.head();
    expect(await sequencer.submit(unheardOf, by)).toMatchObject({ events: [], position: head.position });
    expect(await journal.head()).toEqual(head);

    const order: string[] = [];
    const release = journal.hold();
    const all = [
      sequencer.submit(halt, by).then(() => order.push('halt')),
      settled().then(() => sequencer.submit(unheardOf, by).then(() => order.push('unheard of'))),
    ];
    await settled();
    await settled();
    expect(order).toEqual([]);
    release();
    await Promise.all(all);
    expect(order).toEqual(['halt', 'unheard of']);
  });

  test('each commit is counted', async () => {
    const commits: { commands: number; events: number; bytes: number }[] = [];
    const { journal } = await openStage({ onCommit: (commit) => commits.push(commit) });
    const rows = await rowsOf(journal);
    expect(commits.map(({ events }) => events)).toEqual(rows.map(({ count }) => count));
    expect(commits.map(({ bytes }) => bytes)).toEqual(rows.map(({ body }) => body.length));
    expect(commits.reduce((sum, { commands }) => sum + commands, 0)).toBe(4);
  });
});

describe('time', () => {
  test('stamps never run backwards, not even when the clock does', async () => {
    const clock = new TestClock();
    const { sequencer, journal } = await openStage({ clock });
    await sequencer.submit(small('A'), by);
    clock.micros -= 5_000_000;
    await sequencer.submit(small('B'), by);
    const times = (await entriesOf(journal)).map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('stamps never run backwards over a restart', async () => {
    const kept = new MemoryJournal();
    const first = stage({}, kept);
    await first.sequencer.start();
    const { at } = await first.sequencer.submit(halt, by);
    await first.sequencer.stop();
    const clock = new TestClock();
    clock.micros = 1;
    const second = stage({ clock }, kept);
    await second.sequencer.start();
    expect((await second.sequencer.submit(halt, by)).at).toBeGreaterThanOrEqual(at);
  });
});

describe('a question', () => {
  test('is answered at once when the engine is idle, and writes nothing', async () => {
    const { sequencer, journal } = await openStage();
    const head = await journal.head();
    let answer: boolean | undefined;
    void sequencer
      .read((state) => state.isOpen)
      .then((isOpen) => {
        answer = isOpen;
      });
    await Promise.resolve();
    await Promise.resolve();
    expect(answer).toBe(true);
    expect(await journal.head()).toEqual(head);
  });

  test('sees the commands before it, none after it, and waits until they are committed', async () => {
    const { sequencer, journal } = await openStage();
    const release = journal.hold();
    const submitted = [sequencer.submit(small('A'), by)];
    const count = sequencer.read((state) => state.orders.size);
    submitted.push(sequencer.submit(small('B'), by));
    let isAnswered = false;
    void count.then(() => {
      isAnswered = true;
    });
    await settled();
    expect(isAnswered).toBe(false);
    release();
    expect(await count).toBe(1);
    await Promise.all(submitted);
  });

  test('that throws is its asker’s own affair', async () => {
    const { sequencer, fatal, journal } = await openStage();
    const asks = (): Promise<never> =>
      sequencer.read(() => {
        throw new RangeError('mine');
      });
    await expect(asks()).rejects.toThrow('mine');
    const release = journal.hold();
    const submitted = sequencer.submit(halt, by);
    const asked = expect(asks()).rejects.toThrow('mine');
    await settled();
    release();
    await asked;
    await submitted;
    expect([sequencer.status, fatal]).toEqual(['running', []]);
  });
});

describe('when too many wait', () => {
  test('orders are refused as busy; cancels, venues, the kill switch, logins and questions still come in', async () => {
    const { sequencer, journal } = await openStage({ waitingMax: 3 });
    const release = journal.hold();
    const taken = Array.from({ length: 3 }, (_, i) => outcome(sequencer.submit(small(`o${i}`), by)));
    expect(await outcome(sequencer.submit(small('late'), by))).toBe('SEQUENCER_BUSY');
    const orderId = order('o0').orderId as OrderId;
    const others = [
      sequencer.submit({ type: 'CancelOrder', orderId, owner: undefined }, by),
      sequencer.submit(report(order('o1'), { kind: 'acknowledged' }), by),
      sequencer.submit(halt, by),
      sequencer.submit({ type: 'RecordAccess', what: 'LoggedIn', subject: 'risk1' }, by),
      sequencer.read((state) => state.orders.size),
    ].map(outcome);
    await settled();
    release();
    expect(new Set(await Promise.all([...taken, ...others]))).toEqual(new Set(['committed']));
    expect(await outcome(sequencer.submit(small('later'), by))).toBe('committed');
  });

  test('every lane has a bound, and so has what is decided but not committed', async () => {
    const { sequencer, journal } = await openStage({ waitingMax: 10, batch: { eventsMax: 5 } });
    const release = journal.hold();
    const outcomes: Promise<string>[] = [];
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 20; i++) outcomes.push(outcome(sequencer.read((state) => state.isOpen)));
      for (let i = 0; i < 20; i++) outcomes.push(outcome(sequencer.submit(halt, by)));
      await settled();
    }
    expect(sequencer.waiting).toBe(20);
    release();
    const said = await Promise.all(outcomes);
    expect(said.filter((word) => word === 'SEQUENCER_BUSY').length).toBeGreaterThan(300);
    expect(said.filter((word) => word === 'committed').length).toBeGreaterThan(20);
  });
});

describe('stopping', () => {
  test('commits what waits, refuses what comes, and says so', async () => {
    const { sequencer, journal, statuses } = await openStage();
    const waiting = Array.from({ length: 50 }, (_, i) => outcome(sequencer.submit(small(`w${i}`), by)));
    const stopped = sequencer.stop();
    expect(await outcome(sequencer.submit(small('late'), by))).toBe('SEQUENCER_STOPPED');
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['committed']));
    await stopped;
    expect(statuses).toEqual(['running', 'stopping', 'stopped']);
    expect((await journal.head()).position).toBe(sequencer.position);
  });

  test('ends also when the journal is lost meanwhile', async () => {
    const { sequencer, journal } = await openStage();
    journal.fates.push('lost');
    const waiting = outcome(sequencer.submit(small('A'), by));
    await sequencer.stop();
    expect([await waiting, sequencer.status]).toEqual(['JOURNAL_UNAVAILABLE', 'stopped']);
  });

  test('ends a recovery that finds no journal', async () => {
    const { sequencer, journal, statuses } = await openStage({ backoffMs: { first: 60_000, most: 60_000 } });
    journal.isDown = true;
    await outcome(sequencer.submit(small('A'), by));
    await settled();
    await sequencer.stop();
    expect(statuses.slice(-2)).toEqual(['stopping', 'stopped']);
  });
});

test('a start without a journal fails, and says what is missing', async () => {
  const { sequencer, journal } = stage();
  journal.isDown = true;
  await expect(sequencer.start()).rejects.toThrow(Fault);
  expect(sequencer.status).toBe('stopped');
});

test('a restart folds the journal to the same state, fills and all', async () => {
  const kept = new MemoryJournal();
  const first = stage({}, kept);
  await first.sequencer.start();
  for (const command of OPENING) await first.sequencer.submit(command, by);
  await first.sequencer.submit(small('A'), by);
  await first.sequencer.submit(report(order('A'), filled('X1', '1', '10')), by);
  const hash = await liveHash(first.sequencer);
  await first.sequencer.stop();
  const second = stage({}, kept);
  await second.sequencer.start();
  expect(await liveHash(second.sequencer)).toBe(hash);
  expect(second.announced).toEqual([]);
});
