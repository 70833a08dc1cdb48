/** A failure on trial: the shared stack under load, something done to it, and every law held against what is left. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect } from 'vitest';
import { SHARDS } from '../../../stack/layout.ts';
import { sharedStack } from '../../../stack/shared-stack.ts';
import type { Stack } from '../../../stack/stack.ts';
import { TRADERS } from '../../../stack/users.ts';
import type { Needs } from '../checker/checker.ts';
import type { Evidence } from '../checker/evidence.ts';
import { expectLaws } from '../checker/expect-laws.ts';
import { gather } from '../checker/gather-postgres.ts';
import { readHistory } from '../history/writer.ts';
import { Load } from '../load/load.ts';
import type { Network } from '../network/network.ts';
import { startNetwork } from '../network/stack-network.ts';

/** Dealt out to three shards. Some orders are denied at them. */
const LIMITS = {
  max_position_size: '900000',
  max_daily_volume: '9000000000',
  max_net_exposure: '6000000',
  max_gross_exposure: '12000000',
};
const RATE = 50;
/** COMMAND_DEADLINE_MS, and what may pass before a node has stamped the order. */
const LATEST_MS = 15_000 + 5_000;
/** Orders that are known before the failure, and again after it. */
const ENOUGH = 60;
const RECOVERY_MS_MAX = 90_000;

export interface TrialOptions {
  /** Orders a second. Default 50. */
  readonly rate?: number;
  readonly needs?: Needs;
  /** Rebuild the views and compare. Default false: dear, and done once at the end. */
  readonly rebuilds?: boolean;
}

export class Trial {
  readonly stack: Stack;
  readonly network: Network;

  private constructor(stack: Stack, network: Network) {
    this.stack = stack;
    this.network = network;
  }

  static async open(): Promise<Trial> {
    const stack = await sharedStack();
    return new Trial(stack, await startNetwork(stack));
  }

  /** Whole again, whatever a failed test left behind. */
  async restore(): Promise<void> {
    await this.network.heal();
    await Promise.all(this.stack.parts.map(({ daemon }) => daemon.signalAll('SIGCONT')));
    await this.stack.up();
  }

  /**
   * Runs `failure` under load, waits until orders flow again, and holds every law against all that ever happened on this
   * stack. @throws Error with the table of laws when one is broken
   */
  async underLoad(
    title: string,
    failure: (load: Load) => Promise<void>,
    { rate = RATE, needs = {}, rebuilds = false }: TrialOptions = {},
  ): Promise<Evidence> {
    const load = await this.#prepare(title, rate);
    await load.setLimits(LIMITS);
    load.start();
    await moreKnown(load, ENOUGH);
    await load.haltForAMoment();
    await failure(load);
    await moreKnown(load, ENOUGH);
    await load.haltForAMoment();
    const figures = await load.stop();
    console.log(`${title}: ${JSON.stringify(figures)}`);
    await this.#venuesHaveSpoken();
    const evidence = await gather({
      url: await this.databaseUrl(),
      shards: SHARDS,
      calls: await this.#allCalls(),
      rebuilds,
    });
    const all = {
      orders: 50,
      cancels: 5,
      looks: 5,
      fills: 20,
      halts: 4,
      tried: 5,
      unknown: 0,
      retries: 1,
      ...needs,
    };
    expectLaws(title, evidence, { needs: all, latestMs: LATEST_MS });
    expect(figures.known).toBe(figures.begun);
    return evidence;
  }

  /** Of the primary, with no proxy between. */
  async databaseUrl(): Promise<string> {
    return urlOf(this.stack, (await this.stack.postgres.primary()).port);
  }

  async #prepare(title: string, rate: number): Promise<Load> {
    const folder = join(this.stack.folder, 'logs', 'histories');
    await mkdir(folder, { recursive: true });
    const { traders: password } = this.stack.state.secrets;
    const load = await Load.prepare({
      url: this.stack.url,
      traders: TRADERS.map(({ username }) => ({ user: username, password })),
      riskManager: { user: 'risk1', password: 'risk123' },
      historyPath: join(folder, `${Date.now()}-${title.replaceAll(/\W+/g, '-')}.jsonl`),
      rate,
    });
    console.log(`${title}: seed ${load.dice.seed} (ITIRP_SEED=${load.dice.seed} throws these dice again)`);
    return load;
  }

  /** Every client's history on this stack, also those of other files. */
  async #allCalls() {
    const folder = join(this.stack.folder, 'logs', 'histories');
    const files = (await readdir(folder)).sort();
    return files.flatMap((file) => readHistory(join(folder, file)));
  }

  /** No order that a venue has still to speak of. */
  async #venuesHaveSpoken(): Promise<void> {
    const open = "select count(*)::int as n from orders where status in ('PendingNew', 'PendingCancel')";
    const deadline = performance.now() + RECOVERY_MS_MAX;
    for (;;) {
      const n = await this.query<{ n: number }>(open).then(
        (rows) => rows[0]?.n,
        () => undefined,
      );
      if (n === 0) return;
      if (performance.now() > deadline) throw new Error(`the venue has not spoken of ${n} orders`);
      await sleep(200);
    }
  }

  /** On the primary; on another server of the pair where its port is named. */
  async query<Row extends pg.QueryResultRow>(statement: string, port?: number): Promise<readonly Row[]> {
    const url = port === undefined ? await this.databaseUrl() : urlOf(this.stack, port);
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 2_000,
      query_timeout: 10_000,
    });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  }
}

const urlOf = ({ state }: Stack, port: number): string =>
  `postgres://itirp:${state.secrets.postgres}@127.0.0.1:${port}/itirp`;

/** Resolves when the fate of `more` further orders is known; with how long that took, in milliseconds. */
export async function moreKnown(load: Load, more: number): Promise<number> {
  const began = performance.now();
  const enough = load.figures.known + more;
  while (load.figures.known < enough) {
    if (performance.now() - began > RECOVERY_MS_MAX) {
      throw new Error(`orders do not flow again: ${JSON.stringify(load.figures)}`);
    }
    await sleep(20);
  }
  return performance.now() - began;
}
