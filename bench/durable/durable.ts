/**
 * The sequencer on real PostgreSQL with fsync on, against a bare loop that inserts the very same rows.
 *
 * Expected: an append is one round trip and one flush, 0.3-0.6 ms for a small row and about 10 ms a megabyte. The
 * loop does nothing else. The sequencer closes and encodes the next batch while one commits, so it is slower by what
 * does not fit beside the commit: on a core of its own, deciding, encoding and hashing an event take about 2 µs
 * against 1-2 µs that PostgreSQL needs for its 90 bytes. So something like 70 % of the loop's bytes a second.
 */
import { PostgresJournal } from '../../src/journal/postgres.ts';
import { SystemClock } from '../../src/sequencer/clock.ts';
import { Sequencer } from '../../src/sequencer/sequencer.ts';
import { groundOf, OrderFlow } from '../core/floor.ts';
import { withDatabase } from '../run/database.ts';
import { type Figure, figureOf, ratiosOf } from '../run/figure.ts';
import type { Scale, Suite } from '../run/suite.ts';
import { BareLoop } from './bare-loop.ts';
import { prepare, trade } from './callers.ts';
import { RecordingJournal } from './recording-journal.ts';

const BARE_RATIO_MIN = 60;
const CALLERS = 1_024;
const INSTRUMENTS = 12;
const MEGABYTE = 1e6;

/** One turn: the sequencer for a while, then the same rows by the bare loop. */
interface Turn {
  readonly bytes: number;
  readonly events: number;
  readonly orders: number;
  readonly rows: number;
  readonly seconds: number;
  readonly bareSeconds: number;
}

export const durable: Suite = {
  run: async (scale, tell) =>
    await withDatabase(async ({ database }) => {
      const journal = new RecordingJournal(new PostgresJournal(database, 'bench'));
      const bareJournal = new PostgresJournal(database, 'bare');
      const sequencer = new Sequencer({
        shard: 'bench',
        journal,
        snapshots: undefined,
        clock: new SystemClock(),
        onFatal: (error) => {
          throw error;
        },
      });
      await sequencer.start();
      await prepare(sequencer, groundOf(INSTRUMENTS));
      const turns = await measure(sequencer, journal, new BareLoop(bareJournal, 'bare'), scale, tell);
      await sequencer.stop({ snapshot: false });
      await bareJournal.close();
      return figuresOf(turns);
    }),
};

async function measure(
  sequencer: Sequencer,
  journal: RecordingJournal,
  bare: BareLoop,
  scale: Scale,
  tell: (progress: string) => void,
): Promise<readonly Turn[]> {
  const flow = new OrderFlow(INSTRUMENTS, true);
  const callers = scale.pick(CALLERS, 64);
  const count = scale.pick(7, 1);
  const turns: Turn[] = [];
  for (let turn = -1; turn < count; turn++) {
    tell(turn < 0 ? 'warming up' : `turn ${turn + 1} of ${count}`);
    journal.takeRows();
    globalThis.gc?.();
    const started = performance.now();
    const orders = await trade(sequencer, flow, callers, started + scale.pick(2_000, 100));
    const seconds = (performance.now() - started) / 1000;
    const rows = journal.takeRows();
    globalThis.gc?.();
    const bareSeconds = await bare.insert(rows);
    if (turn < 0) continue;
    const bytes = rows.reduce((sum, { body }) => sum + body.length, 0);
    const events = rows.reduce((sum, row) => sum + row.count, 0);
    turns.push({ bytes, events, orders, rows: rows.length, seconds, bareSeconds });
  }
  return turns;
}

function figuresOf(turns: readonly Turn[]): readonly Figure[] {
  const rate = turns.map(({ bytes, seconds }) => bytes / seconds / MEGABYTE);
  const bareRate = turns.map(({ bytes, bareSeconds }) => bytes / bareSeconds / MEGABYTE);
  const ratio = ratiosOf(rate, bareRate).map((each) => 100 * each);
  const eventsARow = figureOf(
    '',
    '',
    turns.map(({ events, rows }) => events / rows),
  ).value;
  return [
    figureOf('sequencer, 1,024 callers, against the bare loop', '%', ratio, {
      target: { atLeast: BARE_RATIO_MIN },
      note: 'bytes a second, turn by turn',
    }),
    figureOf('… sequencer', 'MB/s', rate, { note: `${Math.round(eventsARow)} events a row` }),
    figureOf('… bare loop with the same rows', 'MB/s', bareRate),
    figureOf(
      '… durable facts',
      'events/s',
      turns.map(({ events, seconds }) => events / seconds),
    ),
    figureOf(
      '… orders placed and filled',
      'orders/s',
      turns.map(({ orders, seconds }) => orders / seconds),
    ),
  ];
}
