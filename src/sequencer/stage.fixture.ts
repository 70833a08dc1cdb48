/** A sequencer on a journal that can be made to fail, with all that it says written down. */
import { expect } from 'vitest';
import type { Command } from '../core/commands.ts';
import { price, quantity } from '../core/values/fixed-point.ts';
import type { CorrelationId, Micros, Position, Ticker, TradingDate, UserId } from '../core/values/names.ts';
import { decodeEntries } from '../journal/codec.ts';
import type { Attribution, CommittedBatch, Entry } from '../journal/entry.ts';
import type { Journal, SealedBatch, Snapshots } from '../journal/journal.ts';
import { MemoryJournal } from '../journal/memory.ts';
import type { EngineStatus } from './engine.ts';
import { FaultyJournal } from './faulty-journal.fixture.ts';
import { fold } from './fold.ts';
import type { SequencerOptions } from './options.ts';
import { Sequencer } from './sequencer.ts';
import { stateHash } from './snapshots.ts';

export const SHARD = 'test';

export const by: Attribution = {
  user: 'trader1' as UserId,
  origin: '127.0.0.1',
  correlationId: '00000000-0000-7000-8000-000000000000' as CorrelationId,
  reason: undefined,
};

/** Listed, begun and opened, by commands: after these an order in AAPL or MSFT may come. */
export const OPENING: readonly Command[] = [
  ...['AAPL', 'MSFT'].map(
    (ticker): Command => ({
      type: 'ListInstrument',
      instrument: {
        ticker: ticker as Ticker,
        currency: 'USD',
        tickSize: price('0.01'),
        lotSize: quantity('1'),
      },
    }),
  ),
  { type: 'StartTradingDay', date: '2026-01-30' as TradingDate },
  { type: 'OpenTrading' },
];

/** Ticks a microsecond at each look, or stands where it is put. */
export class TestClock {
  micros = 1_769_780_000_000_000;
  now(): Micros {
    return this.micros++ as Micros;
  }
}

export interface Stage {
  readonly journal: FaultyJournal;
  readonly sequencer: Sequencer;
  readonly announced: CommittedBatch[];
  readonly statuses: EngineStatus[];
  readonly fatal: unknown[];
  readonly warnings: string[];
}

/** Not started yet. On `journal` as another life left it, or on an empty one. */
export function stage(
  options: Partial<Omit<SequencerOptions, 'journal'>> = {},
  stored: Journal = new MemoryJournal(),
): Stage {
  const journal = new FaultyJournal(stored);
  const announced: CommittedBatch[] = [];
  const statuses: EngineStatus[] = [];
  const fatal: unknown[] = [];
  const warnings: string[] = [];
  const sequencer = new Sequencer({
    shard: SHARD,
    journal,
    snapshots: undefined,
    clock: new TestClock(),
    backoffMs: { first: 1, most: 4 },
    onFatal: (error) => fatal.push(error),
    onWarning: (says) => warnings.push(says),
    ...options,
  });
  sequencer.subscribe((batch) => announced.push(batch));
  sequencer.onStatus((status) => statuses.push(status));
  return { journal, sequencer, announced, statuses, fatal, warnings };
}

/** Started, and open for orders. */
export async function openStage(
  options: Partial<Omit<SequencerOptions, 'journal'>> = {},
  stored?: Journal,
): Promise<Stage> {
  const it = stage(options, stored);
  await it.sequencer.start();
  for (const command of OPENING) await it.sequencer.submit(command, by);
  return it;
}

export async function rowsOf(journal: Journal): Promise<SealedBatch[]> {
  const rows: SealedBatch[] = [];
  for await (const row of journal.read(0 as Position)) rows.push(row);
  return rows;
}

export async function entriesOf(journal: Journal): Promise<Entry[]> {
  return (await rowsOf(journal)).flatMap(({ body }) => decodeEntries(body));
}

/** The hash of the state that the journal folds to. */
export async function replayHash(journal: Journal, snapshots?: Snapshots): Promise<string> {
  const { state } = await fold({ journal, snapshots });
  return stateHash(state).toString('hex');
}

export const liveHash = (sequencer: Sequencer): Promise<string> =>
  sequencer.read((state) => stateHash(state).toString('hex'));

/** Resolves when the sequencer is `status`. */
export async function reaches(sequencer: Sequencer, status: EngineStatus): Promise<void> {
  if (sequencer.status === status) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = sequencer.onStatus((now) => {
    if (now === status) resolve();
  });
  await promise;
  unsubscribe();
}

/** What came of a promise: its value's word, or the fault's code. */
export const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'committed',
    (error: unknown) => String((error as { code?: unknown }).code ?? error),
  );

/** A round or two of the event loop: all that can happen without a commit has happened. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
}

/** The announced entries are those of the journal, in order, from the first on. */
export async function expectAnnouncedAsWritten({ announced, journal }: Stage): Promise<void> {
  expect(announced.flatMap(({ entries }) => entries)).toEqual(await entriesOf(journal));
  let next = 1;
  for (const { firstPosition, lastPosition, entries } of announced) {
    expect(firstPosition).toBe(next);
    next += entries.reduce((sum, { events }) => sum + events.length, 0);
    expect(lastPosition).toBe(next - 1);
  }
}
