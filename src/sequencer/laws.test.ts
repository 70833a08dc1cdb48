/** The sequencer's laws, over any commands, faults, crashes and restarts. A failure prints the seed and the shortest story. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Command } from '../core/commands.ts';
import type { Event } from '../core/events.ts';
import { filled, order, place, quoteAt, report } from '../core/testing/story.ts';
import { price } from '../core/values/fixed-point.ts';
import type { CorrelationId, Micros, Ticker, TradingDate } from '../core/values/names.ts';
import { MemoryJournal, MemorySnapshots } from '../journal/memory.ts';
import type { Fate } from './faulty-journal.fixture.ts';
import { makeSnapshot } from './snapshotter.ts';
import {
  by,
  entriesOf,
  liveHash,
  OPENING,
  outcome,
  reaches,
  replayHash,
  type Stage,
  settled,
  stage,
} from './stage.fixture.ts';

type Happening =
  | { readonly kind: 'ask'; readonly command: Command }
  | { readonly kind: 'read' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'fate'; readonly fate: Fate }
  | { readonly kind: 'outage' }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'restart'; readonly isKill: boolean; readonly snapshot: boolean };

const names = fc.integer({ min: 0, max: 12 }).map((n) => `o${n}`);
const prices = fc.integer({ min: 1, max: 40 }).map(String);
const units = fc.integer({ min: 1, max: 9000 }).map(String);
const tickers = fc.constantFrom('AAPL', 'MSFT', 'NONE');

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ name: names, at: prices, units, ticker: tickers, side: fc.constantFrom('BUY', 'SELL') })
      .map(({ name, at, units: quantity, ticker, side }) =>
        place(
          order(name, { price: at, quantity, ticker, side, clientOrderId: `${name}/${at}` }),
          quoteAt(at),
        ),
      ),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({ name: names, units, at: prices, execution: fc.integer({ min: 0, max: 30 }) })
      .map((fill) => report(order(fill.name), filled(`x${fill.execution}`, fill.units, fill.at))),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ name: names, kind: fc.constantFrom('acknowledged', 'canceled', 'expired') })
      .map(({ name, kind }) => report(order(name), { kind })),
  },
  {
    weight: 2,
    arbitrary: names.map(
      (name): Command => ({ type: 'CancelOrder', orderId: order(name).orderId, owner: undefined }),
    ),
  },
  fc.constantFrom<Command>({ type: 'EngageKillSwitch' }, { type: 'ReleaseKillSwitch' }),
  prices.map(
    (at): Command => ({ type: 'SampleMarks', marks: [{ ticker: 'AAPL' as Ticker, price: price(at) }] }),
  ),
  fc
    .integer({ min: 1, max: 9 })
    .map((day): Command => ({ type: 'StartTradingDay', date: `2026-02-0${day}` as TradingDate })),
);

const happenings: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 30, arbitrary: commands.map((command): Happening => ({ kind: 'ask', command })) },
  { weight: 3, arbitrary: fc.constant<Happening>({ kind: 'read' }) },
  { weight: 6, arbitrary: fc.constant<Happening>({ kind: 'wait' }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<Fate>('lost', 'keptUnheard', 'hung', 'keptHung')
      .map((fate): Happening => ({ kind: 'fate', fate })),
  },
  fc.constant<Happening>({ kind: 'outage' }),
  fc.constant<Happening>({ kind: 'snapshot' }),
  fc
    .record({ isKill: fc.boolean(), snapshot: fc.boolean() })
    .map((restart): Happening => ({ kind: 'restart', ...restart })),
);

interface Asked {
  readonly correlationId: CorrelationId;
  readonly outcome: Promise<string>;
  answer: { at: Micros; events: readonly Event[] } | undefined;
}

/** One shard over several lives of its sequencer. */
class Story {
  readonly stored = new MemoryJournal();
  readonly snapshots = new MemorySnapshots();
  readonly asked: Asked[] = [];
  readonly lives: { readonly from: number; readonly stage: Stage }[] = [];
  #stage: Stage;

  constructor() {
    this.#stage = this.#nextLife();
  }

  get stage(): Stage {
    return this.#stage;
  }

  async begin(): Promise<void> {
    await this.#stage.sequencer.start();
    this.lives.push({ from: this.#stage.sequencer.position, stage: this.#stage });
  }

  async tell(happening: Happening): Promise<void> {
    const { sequencer, journal } = this.#stage;
    switch (happening.kind) {
      case 'ask':
        return this.ask(happening.command);
      case 'read':
        void outcome(sequencer.read((state) => state.orders.size));
        return;
      case 'wait':
        return await settled();
      case 'fate':
        journal.fates.push(happening.fate);
        return;
      case 'outage':
        journal.isDown = true;
        await settled();
        journal.isDown = false;
        return;
      case 'snapshot':
        await makeSnapshot(this.stored, this.snapshots);
        return;
      case 'restart':
        if (happening.isKill) journal.isDown = true; // whatever it still tries comes to nothing
        await sequencer.stop({ snapshot: happening.snapshot });
        this.#stage = this.#nextLife();
        return await this.begin();
    }
  }

  ask(command: Command): void {
    const correlationId =
      `00000000-0000-7000-8000-${String(this.asked.length).padStart(12, '0')}` as CorrelationId;
    const submitted = this.#stage.sequencer.submit(command, { ...by, correlationId });
    const asked: Asked = { correlationId, outcome: outcome(submitted), answer: undefined };
    this.asked.push(asked);
    submitted.then(
      async (answer) => {
        asked.answer = answer;
        const { position } = await this.stored.head(); // at once, before anything else can be appended
        expect(position).toBeGreaterThanOrEqual(answer.position);
      },
      () => undefined,
    );
  }

  #nextLife(): Stage {
    const { stored, snapshots } = this;
    return stage({ snapshots, waitingMax: 6, batch: { eventsMax: 5, appendTimeoutMs: 5 } }, stored);
  }
}

async function expectLaws(story: Story): Promise<void> {
  const { stored, snapshots, asked, lives } = story;
  const entries = await entriesOf(stored);

  // What was acknowledged is in the journal exactly once and as it was told; what was refused is not in it.
  for (const { correlationId, outcome: word, answer } of asked) {
    const written = entries.filter((entry) => entry.correlationId === correlationId);
    switch (await word) {
      case 'committed': {
        const expected =
          answer?.events.length === 0
            ? []
            : [{ ...by, correlationId, at: answer?.at, events: answer?.events }];
        expect(written).toEqual(expected);
        break;
      }
      case 'SEQUENCER_BUSY':
      case 'SEQUENCER_STOPPED':
        expect(written).toEqual([]);
        break;
      default:
        expect(await word).toBe('JOURNAL_UNAVAILABLE');
        expect(written.length).toBeLessThanOrEqual(1);
    }
  }

  // Every life announced the journal from where it began, in order, without a gap or a repetition.
  for (const { from, stage: life } of lives) {
    expect(life.fatal).toEqual([]);
    let next = from + 1;
    for (const { firstPosition, lastPosition } of life.announced) {
      expect(firstPosition).toBe(next);
      next = lastPosition + 1;
    }
    const told = life.announced.flatMap((batch) => batch.entries);
    const known = new Set(told.map(({ correlationId }) => correlationId));
    expect(told).toEqual(entries.filter(({ correlationId }) => known.has(correlationId)));
  }
  const lastLife = lives.at(-1)?.stage;
  expect(lastLife?.announced.at(-1)?.lastPosition ?? lives.at(-1)?.from).toBe((await stored.head()).position);

  // Time never runs backwards.
  const times = entries.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));

  // The state is the fold of the journal: live, from zero, and from a snapshot and the tail after it.
  const live = await liveHash(story.stage.sequencer);
  expect(await replayHash(stored)).toBe(live);
  expect(await replayHash(stored, snapshots)).toBe(live);
}

test('whatever is asked and whatever fails: nothing acknowledged is lost or doubled, and replay rebuilds the state', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happenings, { maxLength: 120 }), async (happened) => {
      const story = new Story();
      await story.begin();
      for (const command of OPENING) {
        story.ask(command);
        await settled();
      }
      for (const happening of happened) await story.tell(happening);
      await Promise.all(story.asked.map(({ outcome: word }) => word));
      story.stage.journal.fates.length = 0;
      await reaches(story.stage.sequencer, 'running');
      await story.stage.sequencer.read(() => undefined);
      await expectLaws(story);
      await story.stage.sequencer.stop();
    }),
    { numRuns: 60, endOnFailure: false },
  );
}, 60_000);
