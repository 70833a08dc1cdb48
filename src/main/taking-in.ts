/** What comes for a shard over the bus, into its sequencer: from where the journal stands, until somebody stops it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOCKS_APART_MS, Intake } from '../bus/intake.ts';
import type { KafkaBus } from '../bus/kafka-bus.ts';
import type { Channels } from '../cache/channels.ts';
import type { Micros } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Journal } from '../journal/journal.ts';
import type { QuoteBoard } from '../market-data/quote-board.ts';
import { wasCarriedOut } from '../sequencer/carried-out.ts';
import { answeredOf, recentOrders } from '../sequencer/recent-orders.ts';
import type { Sequencer } from '../sequencer/sequencer.ts';
import type { Site } from './site.ts';

/** The parts of a shard that commands are decided with. */
export interface Deciding {
  readonly shard: string;
  readonly sequencer: Pick<Sequencer, 'hasRoomFor' | 'submit' | 'source' | 'onStatus'>;
  readonly journal: Pick<Journal, 'read' | 'positionBefore'>;
  readonly board: Pick<QuoteBoard, 'sample'>;
}

/** Resolves when `signal` is aborted, or the sequencer takes no more. */
export type TakeIn = (deciding: Deciding, signal: AbortSignal) => Promise<void>;

interface TakingInParts {
  readonly site: Pick<Site, 'clock' | 'config' | 'log' | 'metrics' | 'traces'>;
  readonly bus: Pick<KafkaBus, 'reader'>;
  readonly channels: Channels;
}

/** What is under way is answered before the shard is let go of: so long at most, in milliseconds. */
const SETTLING_MS = 3_000;
/** Between two questions to a journal that does not answer, in milliseconds. */
const RETRY_MS = 200;

export function takingInFor({ site, bus, channels }: TakingInParts): TakeIn {
  const { clock, config, log, metrics, traces } = site;
  return async ({ shard, sequencer, journal, board }, signal) => {
    const rememberMs = config.COMMAND_DEADLINE_MS + CLOCKS_APART_MS;
    const since = (clock.now() - 1_000 * rememberMs) as Micros;
    const patiently = <T>(ask: () => Promise<T>): Promise<T> => askUntil(signal, ask);
    const intake = new Intake({
      shard,
      decider: sequencer,
      channels,
      now: () => clock.now(),
      sample: (ticker) => board.sample(ticker),
      known: await patiently(() => recentOrders(journal, since)),
      knownSince: since,
      rememberMs,
      answered: (orderIds, from) => patiently(() => answeredOf(journal, orderIds, from)),
      carriedOut: (said) => patiently(() => wasCarriedOut(journal, said)),
      tracing: traces?.tracing,
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

/**
 * Asks the journal until it answers: a shard whose journal is away for a moment must neither end the process nor be
 * left with nobody who takes in. @throws what asking again would not mend, and an AbortError once `signal` is aborted
 */
async function askUntil<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Fault && error.mayRetry)) throw error;
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}
