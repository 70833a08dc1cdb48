/** The way out of the house: the simulated venue, its link, the router, and trading opened once they agree. */
import type { QuoteBoard } from '../market-data/quote-board.ts';
import type { Sequencer } from '../sequencer/sequencer.ts';
import { VenueLink } from '../venues/link.ts';
import { Router } from '../venues/router.ts';
import { SimulatedVenue } from '../venues/simulated.ts';
import { TracedVenue } from '../venues/traced-venue.ts';
import { isDemoMode } from './config.ts';
import { Opening } from './opening.ts';
import type { Site } from './site.ts';
import { noteBeyondBound, watchUnmatched } from './venue-watch.ts';

/** Outside demo mode somebody may take what is simulated for real. */
const simulationNotice = ({ QUOTES_FILE: file }: Site['config']): string =>
  `the venue is SIMULATED${file === undefined ? ' and the market MADE UP (no QUOTES_FILE)' : ''}: no fill is real`;

export interface Execution {
  readonly venue: string;
  readonly link: VenueLink;
  readonly opening: Opening;
}

/** Resolves when working orders are reconciled and trading is open. @throws Fault JOURNAL_UNAVAILABLE */
export async function executionFor(site: Site, sequencer: Sequencer, quotes: QuoteBoard): Promise<Execution> {
  const { config, log, clock, metrics, traces, undo, onFatal } = site;
  if (!isDemoMode(config)) log.warn(simulationNotice(config));
  const simulated = new SimulatedVenue({
    quotes,
    session: clock.now().toString(36), // another one at each start
    seed: config.MARKET_SEED,
    latencyMs: { min: config.VENUE_LATENCY_MIN_MS, max: config.VENUE_LATENCY_MAX_MS },
    rejectRate: config.VENUE_REJECT_RATE,
    noAnswerRate: config.VENUE_NO_ANSWER_RATE,
    unreachableRate: config.VENUE_UNREACHABLE_RATE,
  });
  undo.push(() => simulated.close());
  const traced = traces === undefined ? undefined : new TracedVenue(simulated, traces.tracing, config.SHARD);
  if (traced !== undefined) undo.push(traced.follow(sequencer)); // before the router, who sends what it hears of
  const venue = traced ?? simulated;
  const answered = metrics.venueAnswer.labels({ venue: venue.name });
  const link = new VenueLink(venue, { timeoutMs: config.VENUE_TIMEOUT_MS }, (seconds) =>
    answered.observe(seconds),
  );
  undo.push(watchUnmatched(venue.name, sequencer, metrics, log));
  const router = new Router({
    engine: sequencer,
    venue,
    link,
    onFillBeyondBound: noteBeyondBound(venue.name, metrics, log),
    onBroken: onFatal,
  });
  router.start();
  undo.push(() => router.close());
  const opening = new Opening(sequencer, router, log, onFatal);
  undo.push(() => opening.stop());
  await opening.start();
  return { venue: venue.name, link, opening };
}
