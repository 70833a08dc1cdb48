/** A stack that is loaded and judged: its clients' histories, its primary, and the evidence that they come to. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { SHARDS } from '../../stack/layout.ts';
import type { Stack } from '../../stack/stack.ts';
import { TRADERS } from '../../stack/users.ts';
import type { Evidence } from './checker/evidence.ts';
import { gather } from './checker/gather-postgres.ts';
import type { Call } from './history/record.ts';
import { readHistory } from './history/writer.ts';
import { Load } from './load/load.ts';

/** Dealt out to three shards. Some orders are denied at them. */
export const LIMITS = {
  max_position_size: '6000000',
  max_daily_volume: '9000000000',
  max_net_exposure: '20000000',
  max_gross_exposure: '40000000',
};
/** What is held already may be beyond these: nobody may then add to it. */
export const TIGHTER_LIMITS = {
  max_position_size: '4500000',
  max_daily_volume: '8000000000',
  max_net_exposure: '15000000',
  max_gross_exposure: '30000000',
};
/** COMMAND_DEADLINE_MS, and what may pass before a node has stamped the order. */
export const LATEST_MS = 15_000 + 5_000;
const SPOKEN_MS_MAX = 90_000;
const FLOW_MS_MAX = 90_000;
/** A bound on what hangs: on a busy machine a connection alone takes seconds. */
const PATIENCE_MS = 20_000;

export class HouseUnderLoad {
  readonly stack: Stack;

  constructor(stack: Stack) {
    this.stack = stack;
  }

  get #histories(): string {
    return join(this.stack.folder, 'logs', 'histories');
  }

  /** Traders of every shard, logged in, and the firm's limits set. */
  async prepareLoad(title: string, rate: number): Promise<Load> {
    await mkdir(this.#histories, { recursive: true });
    const { traders: password } = this.stack.state.secrets;
    const load = await Load.prepare({
      url: this.stack.url,
      traders: TRADERS.map(({ username }) => ({ user: username, password })),
      riskManager: { user: 'risk1', password: 'risk123' },
      historyPath: join(this.#histories, `${Date.now()}-${title.replaceAll(/\W+/g, '-')}.jsonl`),
      rate,
    });
    console.log(`${title}: seed ${load.dice.seed} (ITIRP_SEED=${load.dice.seed} throws these dice again)`);
    await load.setLimits(LIMITS);
    return load;
  }

  /** All that there is to judge by, once the venues have spoken of every order. */
  async evidence(rebuilds: boolean): Promise<Evidence> {
    await this.#venuesHaveSpoken();
    const url = await this.databaseUrl();
    return await gather({ url, shards: SHARDS, calls: await this.#allCalls(), rebuilds });
  }

  /** Every client's history on this stack, also those of earlier runs. */
  async #allCalls(): Promise<readonly Call[]> {
    const files = (await readdir(this.#histories)).sort();
    return files.flatMap((file) => readHistory(join(this.#histories, file)));
  }

  async #venuesHaveSpoken(): Promise<void> {
    const open = "select count(*)::int as n from orders where status in ('PendingNew', 'PendingCancel')";
    const deadline = performance.now() + SPOKEN_MS_MAX;
    for (;;) {
      const rows = await this.query<{ n: number }>(open).catch(() => []);
      if (rows[0]?.n === 0) return;
      if (performance.now() > deadline) throw new Error(`the venue has not spoken of ${rows[0]?.n} orders`);
      await sleep(200);
    }
  }

  /** Of the primary, with no proxy between. */
  async databaseUrl(): Promise<string> {
    return this.#urlAt((await this.stack.postgres.primary()).port);
  }

  /** On the primary; on another server of the pair where its port is named. */
  async query<Row extends pg.QueryResultRow>(statement: string, port?: number): Promise<readonly Row[]> {
    const connectionString = port === undefined ? await this.databaseUrl() : this.#urlAt(port);
    const patience = { connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS };
    const client = new pg.Client({ connectionString, ...patience });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  #urlAt(port: number): string {
    return `postgres://itirp:${this.stack.state.secrets.postgres}@127.0.0.1:${port}/itirp`;
  }
}

/** Resolves when the fate of `more` further orders is known; with how long that took, in milliseconds. */
export async function moreKnown(load: Load, more: number): Promise<number> {
  const began = performance.now();
  const enough = load.figures.known + more;
  while (load.figures.known < enough) {
    if (performance.now() - began > FLOW_MS_MAX) {
      throw new Error(`orders do not flow again: ${JSON.stringify(load.figures)}`);
    }
    await sleep(20);
  }
  return performance.now() - began;
}
