/** One shard that this process owns: from its journal to its venue, and what comes for it over the bus. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '../cache/cache.ts';
import type { Channels } from '../cache/channels.ts';
import type { Database } from '../database/database.ts';
import type { FirmStore } from '../firm/firm-store.ts';
import { tellQuotes } from '../firm/quote-news.ts';
import { ViewWriter } from '../firm/view-writer.ts';
import { countOrders } from '../gateways/http/trading-metrics.ts';
import type { Claimant } from '../journal/claimant.ts';
import { executionFor } from './execution.ts';
import { dealFirstLimits } from './first-limits.ts';
import { floorFor } from './floor.ts';
import type { Gauges } from './gauges.ts';
import type { Opening } from './opening.ts';
import type { Owned } from './ownership.ts';
import { shardsOf } from './roles.ts';
import { type Site, stopAll } from './site.ts';
import type { Deciding, TakeIn } from './taking-in.ts';
import { journalFor, sequencerFor } from './write-path.ts';

/** A venue that cannot be reconciled must not keep cancels and halts waiting: so long at most, in milliseconds. */
const OPENING_PATIENCE_MS = 5_000;

export interface ShardParts {
  readonly site: Site;
  readonly database: Database;
  readonly gauges: Gauges;
  readonly cache: Cache;
  readonly channels: Channels;
  readonly store: FirmStore;
  readonly takeIn: TakeIn;
  /** The same for all attempts to take the shard up. */
  readonly claimant: Claimant;
  /** The shards that the firm began with. */
  readonly founders: readonly string[];
}

/**
 * Takes `shard` up: resolves when its orders are taken. `signal`: it is not wanted any more.
 * @throws Fault JOURNAL_* , DATABASE_* or FEED_INVALID; an AbortError once `signal` is aborted
 */
export async function takeUpShard(shard: string, parts: ShardParts, signal: AbortSignal): Promise<Owned> {
  const { site, store, cache, channels } = parts;
  const own: Site = {
    ...site,
    config: { ...site.config, SHARD: shard },
    log: site.log.child({ shard }),
    undo: [],
  };
  const { clock, log, metrics, undo } = own;
  const database = lentTo(own, parts.database);
  try {
    const journal = journalFor(own, database, parts.claimant);
    const sequencer = await sequencerFor(own, database, journal, { snapshotAtStop: false });
    signal.throwIfAborted(); // a long journal was read meanwhile, and the next owner may be at work
    undo.push(countOrders(sequencer, metrics));
    await dealFirstLimits(own, sequencer, parts.founders);
    const { board } = await floorFor(own, sequencer);
    if (shardsOf(site.config)[0] === shard) undo.push(tellQuotes(board, channels));
    const views = new ViewWriter({
      shard,
      engine: sequencer,
      epoch: () => sequencer.epoch,
      clock,
      cache,
      channels,
      store,
      onTrouble: (error) => log.warn({ err: error }, 'the view of the shard was not kept'),
    });
    undo.push(() => views.stop());
    await views.start();
    const { link, opening, venue } = await executionFor(own, sequencer, board);
    undo.push(parts.gauges.watch({ shard, sequencer, link, venue }));
    takeInWhileRunning(own, { shard, sequencer, journal, board }, opening, parts.takeIn);
    log.info({ position: sequencer.position, epoch: sequencer.epoch }, 'the shard is ours');
  } catch (error) {
    await stopAll(undo).catch((unclean: unknown) => log.warn({ err: unclean }, 'the stop was not clean'));
    throw error;
  }
  return {
    stop: async () => {
      await stopAll(undo);
      log.info('the shard is let go of');
    },
  };
}

/** The same database, whose pools end with the shard: shards come and go while the process stays. */
const lentTo = ({ undo }: Site, database: Database): Pick<Database, 'url' | 'pool'> => ({
  url: database.url,
  pool: (options) => {
    const pool = database.pool(options);
    undo.push(() => pool.end());
    return pool;
  },
});

/**
 * From now on, and from where the journal stands again after each recovery: what was under way when the journal was
 * lost is read once more, because only the journal can say whether it was carried out.
 */
function takeInWhileRunning(site: Site, deciding: Deciding, opening: Opening, takeIn: TakeIn): void {
  const { undo, onFatal } = site;
  let stopping = new AbortController();
  let taking: Promise<void> = Promise.resolve();
  const begin = (): void => {
    stopping = new AbortController();
    const { signal } = stopping;
    const before = taking;
    taking = (async () => {
      await before;
      await Promise.race([
        opening.whenOpen(),
        sleep(OPENING_PATIENCE_MS, undefined, { signal }).catch(() => {}),
      ]);
      if (!signal.aborted) await takeIn(deciding, signal);
    })().catch((error: unknown) => {
      if (!signal.aborted) onFatal(error);
    });
  };
  const leave = deciding.sequencer.onStatus((status) => {
    stopping.abort();
    if (status === 'running') begin();
  });
  begin();
  undo.push(async () => {
    leave();
    stopping.abort();
    await taking;
  });
}
