/** Orders at a steady rate through load balancer, API, Kafka and engines, against the same at one process's own door. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from '../../stack/stack.ts';
import type { Latencies, OpenLoop, Target } from '../http/load-process.ts';
import { liftLimits, signIn } from '../http/platform.ts';
import { Child } from '../run/child.ts';
import { type Figure, figureOf, quantileOf, ratiosOf } from '../run/figure.ts';
import type { Scale } from '../run/suite.ts';
import { seatsOf } from './picture.ts';

const RATIO_MAX = 5;
const ORDERS_A_SECOND = 500;
/** One line of connections for each trader, so that each shard has its part of the orders. */
const LINES = ['x', 'y', 'z'] as const;
const CONNECTIONS = 128;

/** What one turn came to. */
export interface Steady {
  /** Sorted, in milliseconds. */
  readonly latencies: Float64Array;
  /** Answered with something else than 200: PENDING among them. */
  readonly refused: number;
}

/** One process with all in it, on a PostgreSQL of its own, with nothing of the stack beside it. */
export async function latencyAlone(
  scale: Scale,
  tell: (progress: string) => void,
): Promise<readonly Steady[]> {
  const folder = await mkdtemp(join(tmpdir(), 'itirp-bench-'));
  const platform = Child.start(new URL('../http/platform-process.ts', import.meta.url), {
    SECRET_KEY: randomBytes(32).toString('hex'),
    ENVIRONMENT: 'demo',
    DATA_DIR: folder,
    PORT: '0',
    LOG_LEVEL: 'error',
    RATE_LIMIT_PER_MINUTE: '0',
    POSTGRES_URL: '',
  });
  try {
    const url = await platform.ask<string>('start');
    await liftLimits(url);
    const token = await signIn(url, 'trader1', 'trader123');
    return await steady(url, [token, token, token], scale, (turn) => tell(`latency, one process: ${turn}`));
  } finally {
    await platform.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same through the stack's front door. */
export async function latencyOfNodes(
  stack: Stack,
  scale: Scale,
  tell: (progress: string) => void,
): Promise<readonly Steady[]> {
  const tokens = (await seatsOf(stack)).map(({ token }) => token);
  return await steady(stack.url, tokens, scale, (turn) => tell(`latency, all nodes: ${turn}`));
}

async function steady(
  url: string,
  tokens: readonly string[],
  scale: Scale,
  tell: (turn: string) => void,
): Promise<readonly Steady[]> {
  const load = Child.start(new URL('../http/load-process.ts', import.meta.url));
  try {
    for (const [i, family] of LINES.entries()) {
      await load.ask('open', {
        url,
        token: tokens[i] ?? '',
        family,
        connections: CONNECTIONS,
      } satisfies Target);
    }
    const turns: Steady[] = [];
    const count = scale.pick(3, 1);
    for (let turn = -1; turn < count; turn++) {
      tell(turn < 0 ? 'warming up' : `turn ${turn + 1} of ${count}`);
      const taken = await takeTurn(load, scale.pick(15, 2));
      if (turn >= 0) turns.push(taken);
    }
    return turns;
  } finally {
    await load.stop();
  }
}

async function takeTurn(load: Child, seconds: number): Promise<Steady> {
  const ordersASecond = ORDERS_A_SECOND / LINES.length;
  const lines = await Promise.all(
    LINES.map((family) => {
      return load.ask<Latencies>('openLoop', { family, seconds, ordersASecond } satisfies OpenLoop);
    }),
  );
  const all = lines.flatMap(({ latencies }) => [...latencies]);
  return {
    latencies: Float64Array.from(all).sort(),
    refused: lines.reduce((sum, { refused }) => sum + refused, 0),
  };
}

export function latencyFigures(alone: readonly Steady[], nodes: readonly Steady[]): Figure[] {
  const quantiles = (turns: readonly Steady[], quantile: number): number[] =>
    turns.map(({ latencies }) => quantileOf(latencies, quantile));
  const told = (name: string, turns: readonly Steady[], quantile: number): Figure =>
    figureOf(`… ${name}, p${100 * quantile}`, 'ms', quantiles(turns, quantile), { note: refusedOf(turns) });
  return [
    figureOf(
      `latency p99 at ${ORDERS_A_SECOND} orders/s over all nodes, against one process`,
      '×',
      ratiosOf(quantiles(nodes, 0.99), quantiles(alone, 0.99)),
      { target: { atMost: RATIO_MAX }, note: 'open loop over HTTP, from the instant an order was due' },
    ),
    told('one process', alone, 0.5),
    told('one process', alone, 0.99),
    told('all nodes', nodes, 0.5),
    told('all nodes', nodes, 0.99),
  ];
}

const refusedOf = (turns: readonly Steady[]): string => {
  const refused = turns.reduce((sum, turn) => sum + turn.refused, 0);
  return refused === 0 ? '' : `${refused} not answered with 200`;
};
