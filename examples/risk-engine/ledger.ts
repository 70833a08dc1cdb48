/** What the example has counted, in one SQLite file: an order and the id of its event go in together, or neither does. */
import { DatabaseSync } from 'node:sqlite';

/** An event of `orders.created`, as far as it is counted. Amounts are exact decimals as text. */
export interface OrderCreated {
  readonly source: string;
  readonly id: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly quantity: string;
  /** Of a limit order; a market order has none. */
  readonly price: string | undefined;
}

export interface Exposure {
  readonly symbol: string;
  readonly orders: number;
  /** What all orders would add up to, if filled: short is negative. */
  readonly units: string;
  /** The limit orders' worth at their limits, bought less sold. */
  readonly notional: string;
}

/** A message that could not be counted: where it is, and why. */
export interface SetAside {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
}

/**
 * Ids are kept for as long as what they were counted into: the topic forgets after seven days, but a publisher that has
 * lost its place tells the whole journal again, under the same ids. That is some 100 bytes an order.
 */
const TABLES = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  create table if not exists seen (
    source text not null, id text not null, seen_at text not null default current_timestamp,
    primary key (source, id)
  ) without rowid;
  create table if not exists exposure (
    symbol text primary key, orders integer not null, units text not null, notional text not null
  ) without rowid;
  create table if not exists set_aside (
    topic text not null, "partition" integer not null, "offset" integer not null, reason text not null,
    primary key (topic, "partition", "offset")
  ) without rowid;`;

export class Ledger {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { timeout: 5_000 });
    this.#database.exec(TABLES);
  }

  /**
   * Counts those that were never seen before, and notes the poison among them; on disk when it returns. Returns how
   * many were counted.
   */
  count(events: readonly OrderCreated[], poison: readonly SetAside[] = []): number {
    const note = this.#database.prepare('insert into seen (source, id) values (?, ?) on conflict do nothing');
    this.#database.exec('begin immediate');
    try {
      const fresh = events.filter(({ source, id }) => note.run(source, id).changes === 1);
      for (const event of fresh) this.#add(event);
      for (const message of poison) this.#putAside(message);
      this.#database.exec('commit');
      return fresh.length;
    } catch (error) {
      this.#database.exec('rollback');
      throw error;
    }
  }

  exposures(): readonly Exposure[] {
    const rows = this.#database.prepare('select * from exposure order by symbol').all();
    return rows.map(({ symbol, orders, units, notional }) => ({
      symbol: String(symbol),
      orders: Number(orders),
      units: decimal(BigInt(String(units)), UNIT_PLACES),
      notional: decimal(BigInt(String(notional)), 2 * UNIT_PLACES),
    }));
  }

  /** What people should look at. */
  setAside(): readonly SetAside[] {
    const ask = this.#database.prepare('select * from set_aside order by topic, "partition", "offset"');
    ask.setReadBigInts(true);
    return ask.all().map(({ topic, partition, offset, reason }) => ({
      topic: String(topic),
      partition: Number(partition),
      offset: BigInt(String(offset)),
      reason: String(reason),
    }));
  }

  close(): void {
    this.#database.close();
  }

  #putAside({ topic, partition, offset, reason }: SetAside): void {
    this.#database
      .prepare('insert into set_aside values (?, ?, ?, ?) on conflict do nothing')
      .run(topic, partition, offset, reason);
  }

  #add({ symbol, side, quantity, price }: OrderCreated): void {
    const found = this.#database.prepare('select units, notional from exposure where symbol = ?').get(symbol);
    const sign = side === 'BUY' ? 1n : -1n;
    const count = units(quantity);
    const worth = price === undefined ? 0n : count * units(price);
    const put = `insert into exposure (symbol, orders, units, notional) values (?, 1, ?, ?)
      on conflict (symbol) do update set orders = orders + 1, units = excluded.units, notional = excluded.notional`;
    this.#database
      .prepare(put)
      .run(
        symbol,
        String(BigInt(String(found?.units ?? 0)) + sign * count),
        String(BigInt(String(found?.notional ?? 0)) + sign * worth),
      );
  }
}

/** Amounts have up to eight decimals; a price times a quantity has sixteen. */
const UNIT_PLACES = 8;

/** An exact decimal as a count of 1e-8. No float comes near money. */
function units(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(UNIT_PLACES, '0'));
}

function decimal(count: bigint, places: number): string {
  const digits = String(count < 0n ? -count : count).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return `${count < 0n ? '-' : ''}${digits.slice(0, -places)}${fraction === '' ? '' : `.${fraction}`}`;
}
