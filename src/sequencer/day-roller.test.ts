/** Trading days start when they are due, once each, and a fault only puts them off. */
import { expect, test } from 'vitest';
import type { Command } from '../core/commands.ts';
import type { Micros } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Attribution } from '../journal/entry.ts';
import { DayRoller } from './day-roller.ts';
import type { Engine } from './engine.ts';
import { entriesOf, openStage, type Stage, settled } from './stage.fixture.ts';

const ROLL_OVER = { zone: 'America/New_York', time: '17:00' };

/** A clock and a timer that only move when they are told to. */
class Hours {
  #now: number;
  #due: { at: number; callback: () => void } | undefined;

  constructor(iso: string) {
    this.#now = Date.parse(iso) * 1000;
  }

  readonly now = (): Micros => this.#now as Micros;

  readonly timer = (callback: () => void, delayMs: number): (() => void) => {
    const due = { at: this.#now + delayMs * 1000, callback };
    this.#due = due;
    return () => {
      if (this.#due === due) this.#due = undefined;
    };
  };

  /** Lets time pass, minute by minute where somebody waits. */
  async reach(iso: string): Promise<void> {
    const end = Date.parse(iso) * 1000;
    for (let due = this.#due; due !== undefined && due.at <= end; due = this.#due) {
      this.#due = undefined;
      this.#now = due.at;
      due.callback();
      await settled();
    }
    this.#now = end;
  }
}

const daysIn = async ({ journal }: Stage): Promise<string[]> =>
  (await entriesOf(journal)).flatMap(({ events }) =>
    events.flatMap((event) => (event.type === 'TradingDayStarted' ? [event.date] : [])),
  );

test('the day that is due starts at once, and the next ones at their roll-over', async () => {
  const it = await openStage(); // began 2026-01-30
  const hours = new Hours('2026-02-02T15:00:00Z');
  const roller = new DayRoller(it.sequencer, hours, ROLL_OVER, hours.timer);
  await roller.start();
  expect(await daysIn(it)).toEqual(['2026-01-30', '2026-02-02']);
  await hours.reach('2026-02-02T21:59:59Z');
  expect((await daysIn(it)).at(-1)).toBe('2026-02-02');
  await hours.reach('2026-02-02T22:00:00Z');
  expect((await daysIn(it)).at(-1)).toBe('2026-02-03');
  await hours.reach('2026-02-04T12:00:00Z');
  expect(await daysIn(it)).toEqual(['2026-01-30', '2026-02-02', '2026-02-03', '2026-02-04']);
});

test('a start in mid-day brings no second day, and a clock that was set back none at all', async () => {
  const it = await openStage();
  for (const iso of ['2026-01-30T15:00:00Z', '2026-01-12T15:00:00Z']) {
    const hours = new Hours(iso);
    await new DayRoller(it.sequencer, hours, ROLL_OVER, hours.timer).start();
  }
  expect(await daysIn(it)).toEqual(['2026-01-30']);
});

test('a day is signed by the system, with a reason', async () => {
  const it = await openStage();
  const hours = new Hours('2026-02-02T15:00:00Z');
  await new DayRoller(it.sequencer, hours, ROLL_OVER, hours.timer).start();
  const last = (await entriesOf(it.journal)).at(-1);
  expect(last).toMatchObject({ user: 'system', origin: 'system', reason: 'trading day roll-over' });
});

test('a fault puts the day off by a second; a stopped roller starts none', async () => {
  const it = await openStage();
  const hours = new Hours('2026-02-02T15:00:00Z');
  let faults = 2;
  const submit = async (command: Command, by: Attribution) => {
    if (faults-- > 0) throw new Fault('SEQUENCER_STOPPED');
    return await it.sequencer.submit(command, by);
  };
  const engine = { submit } as Engine; // all that a roller asks of it
  const roller = new DayRoller(engine, hours, ROLL_OVER, hours.timer);
  await roller.start();
  await hours.reach('2026-02-02T15:00:01Z');
  expect(await daysIn(it)).toEqual(['2026-01-30']);
  await hours.reach('2026-02-02T15:00:02Z');
  expect((await daysIn(it)).at(-1)).toBe('2026-02-02');
  roller.stop();
  await hours.reach('2026-02-05T00:00:00Z');
  expect((await daysIn(it)).at(-1)).toBe('2026-02-02');
});
