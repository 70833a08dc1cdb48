/** What the sequencer does when its journal fails it, when another writer comes, and when something is broken. */
import { describe, expect, test } from 'vitest';
import type { Command } from '../core/commands.ts';
import { buy, place } from '../core/testing/story.ts';
import { InvariantBroken } from '../core/values/assert.ts';
import type { Ticker } from '../core/values/names.ts';
import { MemoryJournal, MemorySnapshots, MemoryStore } from '../journal/memory.ts';
import { makeSnapshot } from './snapshotter.ts';
import {
  by,
  expectAnnouncedAsWritten,
  liveHash,
  OPENING,
  openStage,
  outcome,
  reaches,
  replayHash,
  settled,
  stage,
} from './stage.fixture.ts';

const small = (name: string): Command => place(buy(name, '1', '10'));
const halt: Command = { type: 'EngageKillSwitch' };

describe('when the journal fails', () => {
  test('what was sent is in doubt, what waited was never decided, and the sequencer recovers by itself', async () => {
    const it = await openStage();
    const { sequencer, journal, statuses } = it;
    journal.fates.push('lost');
    const release = journal.hold();
    const sent = outcome(sequencer.submit(small('sent'), by));
    await settled();
    const decided = outcome(sequencer.submit(small('decided'), by));
    await settled();
    const waiting = outcome(sequencer.submit(small('waiting'), by));
    const asked = outcome(sequencer.read((state) => state.isOpen));
    release();
    expect(await Promise.all([sent, decided, waiting, asked])).toEqual([
      'JOURNAL_UNAVAILABLE',
      'SEQUENCER_STOPPED',
      'SEQUENCER_STOPPED',
      'SEQUENCER_STOPPED',
    ]);
    await reaches(sequencer, 'running');
    expect(statuses).toEqual(['running', 'recovering', 'running']);
    expect(await sequencer.read((state) => state.orders.size)).toBe(0);
    expect(await outcome(sequencer.submit(small('sent'), by))).toBe('committed');
    expect(await liveHash(sequencer)).toBe(await replayHash(journal));
    await expectAnnouncedAsWritten(it);
  });

  test.each(['keptUnheard', 'keptHung'] as const)(
    'facts whose answer was lost (%s) are announced once, in order, after the recovery',
    async (fate) => {
      const it = await openStage({ batch: { appendTimeoutMs: 20 } });
      it.journal.fates.push(fate);
      expect(await outcome(it.sequencer.submit(small('A'), by))).toBe('JOURNAL_UNAVAILABLE');
      await reaches(it.sequencer, 'running');
      expect(await it.sequencer.read((state) => state.orders.size)).toBe(1);
      await it.sequencer.submit(small('B'), by);
      await expectAnnouncedAsWritten(it);
    },
  );

  test('an append that never answers is given up, and can do no harm later', async () => {
    const it = await openStage({ batch: { appendTimeoutMs: 20 } });
    it.journal.fates.push('hung');
    expect(await outcome(it.sequencer.submit(small('A'), by))).toBe('JOURNAL_UNAVAILABLE');
    await reaches(it.sequencer, 'running');
    const late = it.journal.appended.at(-1);
    if (late !== undefined) expect(await outcome(it.journal.append(late))).toBe('JOURNAL_CONFLICT');
    await it.sequencer.submit(small('B'), by);
    await expectAnnouncedAsWritten(it);
  });

  test('an answer that comes after the append was given up changes nothing', async () => {
    const it = await openStage({ batch: { appendTimeoutMs: 10 } });
    it.journal.fates.push('keptLate');
    expect(await outcome(it.sequencer.submit(small('A'), by))).toBe('JOURNAL_UNAVAILABLE');
    await reaches(it.sequencer, 'running');
    while (it.journal.underWay > 0) await settled();
    await it.sequencer.submit(small('B'), by);
    await expectAnnouncedAsWritten(it);
  });

  test('facts that nobody was told of are told even when a snapshot holds them already', async () => {
    const stored = new MemoryJournal();
    const snapshots = new MemorySnapshots();
    const it = stage({ snapshots }, stored);
    await it.sequencer.start();
    for (const command of OPENING) await it.sequencer.submit(command, by);
    it.journal.fates.push('keptUnheard');
    it.sequencer.onStatus((status) => {
      it.journal.isDown = status === 'recovering';
    });
    expect(await outcome(it.sequencer.submit(small('A'), by))).toBe('JOURNAL_UNAVAILABLE');
    expect(await makeSnapshot(stored, snapshots)).toBeGreaterThan(it.sequencer.position);
    it.journal.isDown = false;
    await reaches(it.sequencer, 'running');
    expect(it.sequencer.snapshotPosition).toBe(it.sequencer.position);
    await it.sequencer.submit(small('B'), by);
    await expectAnnouncedAsWritten(it);
  });

  test('recovery is tried until the journal is back; nothing is taken meanwhile', async () => {
    const { sequencer, journal, warnings } = await openStage();
    journal.isDown = true;
    expect(await outcome(sequencer.submit(small('A'), by))).toBe('JOURNAL_UNAVAILABLE');
    expect(sequencer.status).toBe('recovering');
    expect(await outcome(sequencer.submit(small('A'), by))).toBe('SEQUENCER_STOPPED');
    expect(await outcome(sequencer.read((state) => state.isOpen))).toBe('SEQUENCER_STOPPED');
    while (warnings.length < 5) await settled();
    journal.isDown = false;
    await reaches(sequencer, 'running');
    expect(await outcome(sequencer.submit(small('A'), by))).toBe('committed');
  });

  test('a conflict means that another writer lives: this one stops for good', async () => {
    const { sequencer, journal, fatal } = await openStage();
    journal.fates.push('conflict');
    expect(await outcome(sequencer.submit(small('A'), by))).toBe('JOURNAL_UNAVAILABLE');
    expect(sequencer.status).toBe('stopped');
    expect(fatal).toMatchObject([{ code: 'JOURNAL_CONFLICT' }]);
    expect(await outcome(sequencer.submit(small('A'), by))).toBe('SEQUENCER_STOPPED');
  });

  test('the older of two writers is refused and stops; the younger works on', async () => {
    const kept = new MemoryStore();
    const older = stage({}, new MemoryJournal(kept));
    const younger = stage({}, new MemoryJournal(kept));
    await older.sequencer.start();
    await older.sequencer.submit(halt, by);
    await younger.sequencer.start();
    expect(await outcome(younger.sequencer.submit(halt, by))).toBe('committed');
    expect(await outcome(older.sequencer.submit(halt, by))).toBe('JOURNAL_UNAVAILABLE');
    expect(older.fatal).toMatchObject([{ code: 'JOURNAL_CONFLICT' }]);
    expect(await outcome(younger.sequencer.submit(halt, by))).toBe('committed');
  });

  test('a writer that was cut off does not take the shard back from one that has claimed it since', async () => {
    const kept = new MemoryStore();
    const older = stage({}, new MemoryJournal(kept));
    await older.sequencer.start();
    older.journal.isDown = true;
    expect(await outcome(older.sequencer.submit(halt, by))).toBe('JOURNAL_UNAVAILABLE');
    const younger = stage({}, new MemoryJournal(kept));
    await younger.sequencer.start();
    older.journal.isDown = false;
    await reaches(older.sequencer, 'stopped');
    expect(older.fatal).toMatchObject([{ code: 'JOURNAL_CONFLICT' }]);
    expect(await outcome(younger.sequencer.submit(halt, by))).toBe('committed');
  });
});

describe('a bug', () => {
  /** The core asserts that an instrument is quoted in the base currency. */
  const broken: Command = {
    type: 'ListInstrument',
    instrument: {
      ...{ ticker: 'BUG' as Ticker, currency: 'XXX' },
      tickSize: 1n as never,
      lotSize: 1n as never,
    },
  };

  test('in the core stops everything at once and nobody is left waiting', async () => {
    const { sequencer, journal, fatal, statuses } = await openStage();
    const release = journal.hold();
    const sent = outcome(sequencer.submit(small('A'), by));
    await settled();
    const all = [outcome(sequencer.submit(broken, by)), outcome(sequencer.submit(small('B'), by))];
    expect(await Promise.all([sent, ...all])).toEqual([
      'JOURNAL_UNAVAILABLE',
      'SEQUENCER_STOPPED',
      'SEQUENCER_STOPPED',
    ]);
    expect(fatal).toEqual([expect.any(InvariantBroken)]);
    expect(statuses.at(-1)).toBe('stopped');
    release();
    await settled();
    expect(fatal.length).toBe(1);
  });

  test('in a listener surfaces; the caller has its answer all the same', async () => {
    const { sequencer, fatal } = await openStage();
    sequencer.subscribe(() => {
      throw new TypeError('a listener’s');
    });
    expect(await outcome(sequencer.submit(small('A'), by))).toBe('committed');
    expect([sequencer.status, String(fatal[0])]).toEqual(['stopped', 'TypeError: a listener’s']);
  });

  test('in a question’s invariant stops everything too', async () => {
    const { sequencer, fatal } = await openStage();
    const asked = sequencer.read(() => {
      throw new InvariantBroken('seen');
    });
    await expect(asked).rejects.toThrow('seen');
    expect([sequencer.status, fatal.length]).toEqual(['stopped', 1]);
  });
});
