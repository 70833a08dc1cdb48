/** A failure on trial: the shared stack under load, something done to it, and every law held against what is left. */
import pg from 'pg';
import { expect } from 'vitest';
import { sharedStack } from '../../../stack/shared-stack.ts';
import type { Stack } from '../../../stack/stack.ts';
import type { Needs } from '../checker/checker.ts';
import type { Evidence } from '../checker/evidence.ts';
import { expectLaws } from '../checker/expect-laws.ts';
import { HouseUnderLoad, LATEST_MS, LIMITS, moreKnown, TIGHTER_LIMITS } from '../house-under-load.ts';
import type { Load, LoadFigures } from '../load/load.ts';
import type { Network } from '../network/network.ts';
import { startNetwork } from '../network/stack-network.ts';
import { keep, pauses } from './measures.ts';
import { News } from './news.ts';

/** Two cores carry it beside all else: what is tried is a failure, not an overload. */
const RATE = 20;
/** Orders that are known before the failure, and again after it. */
const ENOUGH = 60;
/** Of each trial, from its own beginning on. */
const USUAL_NEEDS: Needs = {
  orders: 50,
  cancels: 1,
  looks: 5,
  fills: 20,
  halts: 4,
  tried: 2,
  unknown: 0,
  retries: 1,
  limits: 2,
  views: 0, // rebuilt once, after the last trial of a file
};
/** What is proved after the trials, when nobody trades any more. */
const AFTERWARDS: Needs = {
  orders: 0,
  cancels: 0,
  looks: 0,
  fills: 0,
  halts: 0,
  tried: 0,
  unknown: 0,
  retries: 0,
  limits: 0,
  offsets: 0,
  views: 1,
};

export interface TrialOptions {
  /** Orders a second. Default 20. */
  readonly rate?: number;
  readonly needs?: Needs;
  /** Keeps the longest pause of a shard's orders from the failure on, under this name. */
  readonly measure?: string;
  /** The topics must have told of all that happened by then. Default false: they must at the end of the file. */
  readonly news?: boolean;
}

export class Trial extends HouseUnderLoad {
  readonly network: Network;
  readonly #news: News;
  #hasRun = false;

  private constructor(stack: Stack, network: Network, news: News) {
    super(stack);
    this.network = network;
    this.#news = news;
  }

  static async open(): Promise<Trial> {
    const stack = await sharedStack();
    return new Trial(stack, await startNetwork(stack), await News.open(stack.kafka.addresses));
  }

  /** Whole again, whatever a failed test left behind. */
  async restore(): Promise<void> {
    await this.network.heal();
    await Promise.all(this.stack.parts.map(({ daemon }) => daemon.signalAll('SIGCONT')));
    await this.stack.up();
  }

  /**
   * After the last trial of a file: the views, as all its failures have left them, are what the journal gives, and the
   * topics have told of every fact. @throws Error with the table of laws when one is broken, or naming what was not told
   */
  async proveReaders(): Promise<void> {
    if (!this.#hasRun) return; // each was skipped
    const evidence = await this.evidence(true);
    const countFrom = Date.now();
    expectLaws('views rebuilt', evidence, { needs: AFTERWARDS, latestMs: LATEST_MS, countFrom });
    await this.#news.areWhole(evidence);
    await this.#checkpoint(); // a rebuild is much WAL: whoever kills PostgreSQL next would wait for its recovery
  }

  async #checkpoint(): Promise<void> {
    const client = new pg.Client({ connectionString: (await this.stack.postgres.primary()).url });
    await client.connect();
    try {
      await client.query('checkpoint');
    } finally {
      await client.end();
    }
  }

  /**
   * Runs `failure` under load, waits until orders flow again, and holds every law against all that ever happened on this
   * stack; each must have seen enough of what happened in this trial. @throws Error with the table of laws when one is broken
   */
  async underLoad(
    title: string,
    failure: (load: Load) => Promise<void>,
    { rate = RATE, needs = {}, news = false, measure }: TrialOptions = {},
  ): Promise<Evidence> {
    this.#hasRun = true;
    const load = await this.prepareLoad(title, rate);
    const countFrom = Date.now();
    let failedAt = 0;
    const figures = await failUnder(load, async () => {
      failedAt = Date.now();
      await failure(load);
    });
    console.log(`${title}: ${JSON.stringify(figures)}`);
    const evidence = await this.evidence(false);
    expectLaws(title, evidence, {
      needs: { ...USUAL_NEEDS, ...needs },
      latestMs: LATEST_MS,
      countFrom,
    });
    expect(figures.known).toBe(figures.begun);
    if (news) await this.#news.areWhole(evidence);
    if (measure !== undefined) keep(this.stack, measure, pauses(evidence, failedAt));
    return evidence;
  }
}

/** Resolves with what the load came to. It is stopped in any case: no later trial may find it still running. */
async function failUnder(load: Load, failure: (load: Load) => Promise<void>): Promise<LoadFigures> {
  try {
    load.start();
    await moreKnown(load, ENOUGH);
    await load.haltForAMoment();
    await load.setLimits(TIGHTER_LIMITS); // whoever takes a shard over must find them in its journal
    await failure(load);
    await moreKnown(load, ENOUGH);
    await load.setLimits(LIMITS);
    await load.haltForAMoment();
  } catch (error) {
    await load.stop();
    throw error;
  }
  return await load.stop();
}
