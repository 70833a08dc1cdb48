/** What is kept of the firm beside the journals, in PostgreSQL. */
import type pg from 'pg';
import type { Instrument } from '../core/instruments/instrument.ts';
import { formatFixed, PLACES, type Price, type Quantity } from '../core/values/fixed-point.ts';
import type { AccountId, Position, Ticker } from '../core/values/names.ts';
import { asFault } from '../database/outage.ts';
import { formatProduct, parseDecimal } from '../protocol/decimal-text.ts';
import { wireTime } from '../protocol/times.ts';
import { PostgresDealLock } from './deal-lock-postgres.ts';
import type { Positions } from './firm.ts';
import type { FirmStore } from './firm-store.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { ShardView } from './shard-view.ts';
import { decodeView, encodeView } from './view-codec.ts';

/** Accounts read ahead at a start; the others are asked for one by one. */
const ASSIGNMENTS_MAX = 100_000;

const KEEP = `
  insert into shard_views as v (shard, epoch, position, at, view) values ($1, $2, $3, $4, $5)
  on conflict (shard) do update
  set epoch = excluded.epoch, position = excluded.position, at = excluded.at, view = excluded.view
  where (excluded.epoch, excluded.position, excluded.at) >= (v.epoch, v.position, v.at)`;

const TELL = `
  insert into risk_metrics (shard, at, position, net_exposure, gross_exposure, daily_volume, total_positions,
                            largest_position, kill_switch_active)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`;

interface SqlListing {
  readonly symbol: Ticker;
  readonly currency: string;
  readonly tick_size: string;
  readonly lot_size: string;
}

export class PostgresFirmStore implements FirmStore {
  readonly #pool: pg.Pool;
  readonly #dealing: PostgresDealLock;

  /** `pool`: small, with a statement timeout of a few seconds; of two connections at least, since dealing takes one. */
  constructor(pool: pg.Pool) {
    this.#pool = pool;
    this.#dealing = new PostgresDealLock(pool);
  }

  async assign(account: AccountId, proposed: string): Promise<string> {
    const insert =
      'insert into shard_assignments (account, shard) values ($1, $2) on conflict do nothing returning shard';
    const [made] = await this.#query<{ shard: string }>('assign', insert, [account, proposed]);
    if (made !== undefined) return made.shard;
    const select = 'select shard from shard_assignments where account = $1';
    const [found] = await this.#query<{ shard: string }>('assigned', select, [account]);
    return found === undefined ? await this.assign(account, proposed) : found.shard; // its row has just been taken away
  }

  async assignments(): Promise<ReadonlyMap<AccountId, string>> {
    const sql = `select account, shard from shard_assignments limit ${ASSIGNMENTS_MAX}`;
    const rows = await this.#query<{ account: AccountId; shard: string }>('assignments', sql, []);
    return new Map(rows.map(({ account, shard }) => [account, shard]));
  }

  async shards(): Promise<readonly string[]> {
    const sql = `
      select s.shard from deployment d, unnest(d.shards) with ordinality as listed (shard, place)
      join shards s on s.shard = listed.shard where s.head_position > 0 order by listed.place`;
    return (await this.#query<{ shard: string }>('shards', sql, [])).map(({ shard }) => shard);
  }

  async heads(shards: readonly string[]): Promise<Positions> {
    const sql = 'select shard, head_position as position from shards where shard = any($1::text[])';
    const rows = await this.#query<{ shard: string; position: bigint }>('heads', sql, [shards]);
    return new Map(rows.map(({ shard, position }) => [shard, Number(position) as Position]));
  }

  async view(shard: string): Promise<ShardView | undefined> {
    const sql = 'select view::text as view from shard_views where shard = $1';
    const [row] = await this.#query<{ view: string }>('view', sql, [shard]);
    return row === undefined ? undefined : decodeView(row.view);
  }

  async keep(view: ShardView, isTold: boolean): Promise<boolean> {
    const { shard, epoch, position, metrics } = view;
    const at = wireTime(view.at);
    const kept = await this.#count('keep view', KEEP, [shard, epoch, position, at, encodeView(view)]);
    if (kept === 0) return false;
    if (!isTold) return true;
    const { netExposure, grossExposure, dailyVolume, totalPositions, largestPosition } = metrics;
    const amounts = [netExposure, grossExposure, dailyVolume].map(formatProduct);
    const rest = [totalPositions, formatProduct(largestPosition), metrics.isKillSwitchEngaged];
    await this.#count('tell metrics', TELL, [shard, at, position, ...amounts, ...rest]);
    return true;
  }

  async dealAlone<T>(work: () => Promise<T>, patienceMs?: number): Promise<T> {
    return await oneAtATime(() => this.#dealing.take(), work, patienceMs);
  }

  async listings(shards: readonly string[]): Promise<readonly Instrument[]> {
    const sql = `
      select distinct on (symbol) symbol, currency, tick_size, lot_size from shard_listings
      where shard = any($1::text[]) order by symbol, shard desc`;
    const rows = await this.#query<SqlListing>('listings', sql, [shards]);
    return rows.map(({ symbol, currency, tick_size, lot_size }) => ({
      ticker: symbol,
      currency,
      tickSize: parseDecimal(tick_size, PLACES) as Price,
      lotSize: parseDecimal(lot_size, PLACES) as Quantity,
    }));
  }

  async list(shard: string, instruments: readonly Instrument[]): Promise<void> {
    const sql = `
      insert into shard_listings (shard, symbol, currency, tick_size, lot_size)
      select $1, u.* from unnest($2::varchar[], $3::varchar[], $4::numeric[], $5::numeric[]) as u
      on conflict (shard, symbol) do update
      set currency = excluded.currency, tick_size = excluded.tick_size, lot_size = excluded.lot_size`;
    await this.#count('list', sql, [
      shard,
      instruments.map(({ ticker }) => ticker),
      instruments.map(({ currency }) => currency),
      instruments.map(({ tickSize }) => formatFixed(tickSize)),
      instruments.map(({ lotSize }) => formatFixed(lotSize)),
    ]);
  }

  async #count(name: string, text: string, values: readonly unknown[]): Promise<number> {
    return (await this.#ask(name, text, values)).rowCount ?? 0;
  }

  async #query<Row extends pg.QueryResultRow>(
    name: string,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    return (await this.#ask<Row>(name, text, values)).rows;
  }

  async #ask<Row extends pg.QueryResultRow>(
    name: string,
    text: string,
    values: readonly unknown[],
  ): Promise<pg.QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>({ name: `firm ${name}`, text, values: [...values] });
    } catch (error) {
      throw asFault(error);
    }
  }
}
