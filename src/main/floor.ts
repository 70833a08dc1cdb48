/** What orders stand on: instruments, a trading day, and a market that marks what is held. */
import type { Instrument } from '../core/instruments/instrument.ts';
import type { Ticker } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Feed } from '../market-data/feed.ts';
import { QuoteBoard } from '../market-data/quote-board.ts';
import { DayRoller } from '../sequencer/day-roller.ts';
import { bySystem } from '../sequencer/house-keeping.ts';
import { MarkSampler } from '../sequencer/mark-sampler.ts';
import type { Sequencer } from '../sequencer/sequencer.ts';
import { feedOf, instrumentsOf, likeEquity } from './market.ts';
import type { Site } from './site.ts';

export interface Floor {
  readonly board: QuoteBoard;
  readonly feed: Feed;
  /** What is listed, followed as it changes: the doors check ticks and lots with it. */
  readonly instruments: (ticker: Ticker) => Instrument | undefined;
}

/** @throws Fault FEED_INVALID, JOURNAL_UNAVAILABLE or SEQUENCER_STOPPED */
export async function floorFor(site: Site, sequencer: Sequencer): Promise<Floor> {
  const { config, clock, undo } = site;
  const listed = await followListings(site, sequencer);
  for (const instrument of instrumentsOf(config)) {
    await sequencer.submit({ type: 'ListInstrument', instrument }, bySystem('start'));
  }
  const rollOver = { zone: config.TRADING_DAY_ZONE, time: config.TRADING_DAY_START };
  const roller = new DayRoller(sequencer, clock, rollOver);
  undo.push(() => roller.stop());
  await roller.start();

  const now = () => clock.now();
  const board = new QuoteBoard({ stalenessMs: config.QUOTE_STALENESS_MS, clock: now });
  const sampler = new MarkSampler(sequencer, board, config.MARK_SAMPLE_MS);
  undo.push(() => sampler.stop());
  await sampler.start();
  const feed = feedOf(config, now);
  undo.push(() => feed.stop());
  play(site, sequencer, { feed, board, listed });
  return { board, feed, instruments: (ticker) => listed.get(ticker) };
}

async function followListings({ undo }: Site, sequencer: Sequencer): Promise<Map<Ticker, Instrument>> {
  const listed = new Map<Ticker, Instrument>();
  const leave = sequencer.subscribe(({ entries }) => {
    for (const { events } of entries) {
      for (const event of events) {
        if (event.type === 'InstrumentListed') listed.set(event.instrument.ticker, event.instrument);
      }
    }
  });
  undo.push(leave);
  for (const instrument of await sequencer.read(({ instruments }) => [...instruments.values()])) {
    listed.set(instrument.ticker, instrument);
  }
  return listed;
}

interface Playing {
  readonly feed: Feed;
  readonly board: QuoteBoard;
  readonly listed: ReadonlyMap<Ticker, Instrument>;
}

/** A feed may quote what nobody has listed (a file names its own tickers): it is listed at its first quote. */
function play({ log, onFatal }: Site, sequencer: Sequencer, { feed, board, listed }: Playing): void {
  const asked = new Set<Ticker>();
  const list = (ticker: Ticker): void => {
    asked.add(ticker);
    const command = { type: 'ListInstrument', instrument: likeEquity(ticker) } as const;
    sequencer.submit(command, bySystem('quoted by the feed')).catch((error: unknown) => {
      asked.delete(ticker); // the next quote asks again
      if (!(error instanceof Fault)) onFatal(error);
    });
  };
  feed
    .start((quote) => {
      board.publish(quote);
      if (!listed.has(quote.ticker) && !asked.has(quote.ticker)) list(quote.ticker);
    })
    .then(() => log.info({ feed: feed.name }, 'the feed has ended'))
    .catch(onFatal);
}
