/** What comes for a shard over the bus, into its sequencer: from where the journal stands, until somebody stops it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Intake } from '../bus/intake.ts';
import type { KafkaBus } from '../bus/kafka-bus.ts';
import type { Channels } from '../cache/channels.ts';
import type { Micros } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { PostgresJournal } from '../journal/postgres.ts';
import type { QuoteBoard } from '../market-data/quote-board.ts';
import { recentOrders } from '../sequencer/recent-orders.ts';
import type { Sequencer } from '../sequencer/sequencer.ts';
import type { Site } from './site.ts';

/** The parts of a shard that commands are decided with. */
export interface Deciding {
  readonly shard: string;
  readonly sequencer: Sequencer;
  readonly journal: PostgresJournal;
  readonly board: QuoteBoard;
}

/** Resolves when `signal` is aborted, or the sequencer takes no more. */
export type TakeIn = (deciding: Deciding, signal: AbortSignal) => Promise<void>;

interface TakingInParts {
  readonly site: Site;
  readonly bus: Pick<KafkaBus, 'reader'>;
  readonly channels: Channels;
}

/** What is under way is answered before the shard is let go of: so long at most, in milliseconds. */
const SETTLING_MS = 3_000;
/** Clocks of several machines differ: so much longer than a deadline orders are remembered, in milliseconds. */
const MARGIN_MS = 30_000;

export function takingInFor({ site, bus, channels }: TakingInParts): TakeIn {
  const { clock, config, log, metrics } = site;
  return async ({ shard, sequencer, journal, board }, signal) => {
    const since = clock.now() - 1_000 * (config.COMMAND_DEADLINE_MS + MARGIN_MS);
    const intake = new Intake({
      shard,
      decider: sequencer,
      channels,
      now: () => clock.now(),
      sample: (ticker) => board.sample(ticker),
      known: await recentOrders(journal, since as Micros),
      onDropped: (why) => metrics.commandsSkipped.inc({ why }),
    });
    try {
      await intake.follow(bus.reader, sequencer.source, signal);
    } catch (error) {
      // The sequencer lost its journal: it recovers, and what was under way is read again from where that stands.
      if (!(error instanceof Fault && error.mayRetry)) throw error;
      log.warn({ shard, fault: error.code }, 'commands wait on the bus');
    }
    const enough = new AbortController();
    const patience = sleep(SETTLING_MS, undefined, { signal: enough.signal }).catch(() => {});
    await Promise.race([intake.settled(), patience]);
    enough.abort();
  };
}
