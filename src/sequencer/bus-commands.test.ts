/** Commands that came over a bus: room is asked for first, and the row of their facts says how far the bus is taken in. */
import { describe, expect, test } from 'vitest';
import type { Command } from '../core/commands.ts';
import { buy, order, place, report } from '../core/testing/story.ts';
import { MemoryJournal } from '../journal/memory.ts';
import { by, OPENING, openStage, outcome, rowsOf, settled, stage } from './stage.fixture.ts';

const small = (name: string): Command => place(buy(name, '1', '10'));
const halt: Command = { type: 'EngageKillSwitch' };
const unheardOf: Command = report(order('nobody'), { kind: 'canceled' }); // brings no fact about

describe('a command that came over a bus', () => {
  test('is asked for room in its own lane before it is handed over', async () => {
    const { sequencer, journal } = await openStage({ waitingMax: 1 });
    const release = journal.hold();
    const held = [sequencer.submit(halt, by)]; // under way: the lane behind it fills
    await settled();
    while (sequencer.hasRoomFor(small('A'))) held.push(sequencer.submit(small(`A${held.length}`), by));
    expect(sequencer.hasRoomFor(halt)).toBe(true);
    expect(await outcome(sequencer.submit(small('Z'), by))).toBe('SEQUENCER_BUSY');
    release();
    await Promise.all(held);
    expect(sequencer.hasRoomFor(small('Z'))).toBe(true);
  });

  const mark = (offset: bigint) => ({ source: 'cluster/itirp.commands/0', offset });

  test('leaves its mark in the row of its facts, and the next writer goes on from the newest', async () => {
    const store = new MemoryJournal();
    const { sequencer } = stage({}, store);
    await sequencer.start();
    for (const command of OPENING) await sequencer.submit(command, by);
    const sent = [11n, 12n, 13n].map((offset) => sequencer.submit(small(`A${offset}`), by, mark(offset)));
    await Promise.all(sent);
    await sequencer.submit(halt, by);
    expect((await rowsOf(store)).findLast(({ source }) => source !== undefined)?.source).toEqual(mark(13n));
    const successor = stage({}, store).sequencer;
    await successor.start();
    expect(successor.source).toEqual(mark(13n));
  });

  test('brings its mark along with the facts of another one when it has none itself', async () => {
    const { sequencer, journal } = await openStage();
    await Promise.all([
      sequencer.submit(small('A'), by, mark(1n)),
      sequencer.submit(unheardOf, by, mark(2n)),
      sequencer.submit(small('B'), by),
    ]);
    expect((await rowsOf(journal)).at(-1)?.source).toEqual(mark(2n));
  });
});
