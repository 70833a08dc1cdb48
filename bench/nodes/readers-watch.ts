/** Where the journals end and how far their readers are, asked of PostgreSQL. */
import pg from 'pg';

export interface Sample {
  /** On the monotonic clock, in milliseconds. */
  readonly at: number;
  /** Facts in all shards together. */
  readonly head: number;
  readonly projector: number;
  readonly publisher: number;
}

const ASK = `select
  (select sum(head_position) from shards)::float8 as head,
  (select coalesce(sum(position), 0) from projection_positions)::float8 as projector,
  (select coalesce(sum(position), 0) from publisher_positions)::float8 as publisher`;

export class ReadersWatch {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<ReadersWatch> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return new ReadersWatch(client);
  }

  /** All of one moment. */
  async look(): Promise<Sample> {
    const { rows } = await this.#client.query<Omit<Sample, 'at'>>(ASK);
    const [row] = rows;
    if (row === undefined) throw new Error('PostgreSQL said nothing');
    return { at: performance.now(), ...row };
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
