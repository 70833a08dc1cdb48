/** Projector and publisher behind the journals: how soon they make up for a million facts, and how far behind they stay. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ItirpProcess } from '../../stack/itirp.ts';
import { SHARDS } from '../../stack/layout.ts';
import { bringUp, type Role } from '../../stack/part.ts';
import type { Stack } from '../../stack/stack.ts';
import { Child } from '../run/child.ts';
import { type Figure, figureOf, quantileOf } from '../run/figure.ts';
import type { Scale } from '../run/suite.ts';
import type { Feed, FeedPlace } from './feed-process.ts';
import { cpuOf, databaseBeside, withAgain, without } from './picture.ts';
import { ReadersWatch, type Sample } from './readers-watch.ts';

const CATCH_UP_MAX_S = 60;
const FACTS = 1_000_000;
const FACTS_AN_ORDER = 3;
const ORDERS_A_SECOND = 5_000;
/** What is told in a while, of what was offered in it: less, and the lag grows without end. */
const CARRIED_MIN = 98;
const LOOK_MS = 200;
const PATIENCE_MS = 600_000;

const READERS = ['projector', 'publisher'] as const;
type Reader = (typeof READERS)[number];
const ALL = ['engine', 'api', ...READERS] as const;

interface CaughtUp {
  readonly facts: number;
  readonly seconds: number;
  /** Seconds of a core, by who took them. */
  readonly cpu: readonly (readonly [role: Role, seconds: number])[];
}
/** Whose time a reader takes. */
const WORKERS: Readonly<Record<Reader, readonly Role[]>> = {
  projector: ['projector', 'postgres'],
  publisher: ['publisher', 'kafka', 'postgres'],
};

export async function readersOf(
  stack: Stack,
  scale: Scale,
  tell: (progress: string) => void,
): Promise<Figure[]> {
  await without(stack, ALL);
  const url = await databaseBeside(stack, 'feed');
  const feeder = Child.start(new URL('./feed-process.ts', import.meta.url));
  const watch = await ReadersWatch.open(url);
  try {
    await feeder.ask('open', { url, shards: SHARDS } satisfies FeedPlace);
    tell('a past is written');
    await feeder.ask('past', scale.pick(FACTS, 3_000) / FACTS_AN_ORDER);
    const figures: Figure[] = [];
    for (const reader of READERS) {
      tell(`the ${reader} catches up`);
      figures.push(...caughtUpFigures(reader, await catchUp(stack, reader, url, watch)));
    }
    tell('the past is vacuumed');
    await vacuum(url); // or autovacuum does it in the while that is measured, for a million facts at once
    tell('orders are fed at a steady rate');
    const offered = { ordersASecond: scale.pick(ORDERS_A_SECOND, 200), seconds: scale.pick(40, 3) };
    figures.push(...steadyFigures(offered, await steady(feeder, offered, watch)));
    return figures;
  } finally {
    await Promise.all([watch.close(), feeder.stop()]);
    await without(stack, READERS);
    await withAgain(stack, ALL);
  }
}

async function vacuum(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('vacuum (analyze)');
  } finally {
    await client.end();
  }
}

/** One process of that role, on the database that is fed; it stays. */
async function catchUp(stack: Stack, reader: Reader, url: string, watch: ReadersWatch): Promise<CaughtUp> {
  const settings = {
    ...stack.state.settings,
    POSTGRES_URL: url,
    POSTGRES_REPLICA_URL: '',
    DEPLOYMENT: 'feed',
  };
  const { folder, layout, state } = stack;
  const part = new ItirpProcess(reader, `${reader}-1`, { folder, layout, state: { ...state, settings } });
  const cpuNow = () => Promise.all(WORKERS[reader].map((role) => cpuOf(stack, role)));
  const before = await cpuNow();
  const started = performance.now();
  await bringUp(part);
  for (;;) {
    const { at, head, ...told } = await watch.look();
    if (told[reader] >= head) {
      const after = await cpuNow();
      const cpu = WORKERS[reader].map((role, i) => [role, (after[i] ?? 0) - (before[i] ?? 0)] as const);
      return { facts: head, seconds: (at - started) / 1000, cpu };
    }
    if (at - started > PATIENCE_MS) throw new Error(`the ${reader} has ${head - told[reader]} facts left`);
    await sleep(LOOK_MS);
  }
}

const caughtUpFigures = (reader: Reader, { facts, seconds, cpu }: CaughtUp): Figure[] => [
  figureOf(`the ${reader} catches up ${facts.toLocaleString('en-US')} facts`, 's', [seconds], {
    target: { atMost: CATCH_UP_MAX_S },
    note: 'in 3 shards, from the start of its process',
  }),
  figureOf(`… the ${reader}`, 'facts/s', [facts / seconds], {
    note: `µs of a core for a fact: ${cpu.map(([role, took]) => `${role} ${((1e6 * took) / facts).toFixed(1)}`).join(', ')}`,
  }),
];

async function steady(feeder: Child, offered: Feed, watch: ReadersWatch): Promise<readonly Sample[]> {
  await feeder.ask('prepare', offered);
  const samples: Sample[] = [];
  let isOver = false;
  const fed = feeder.ask<number>('feed', offered).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    samples.push(await watch.look());
    await Promise.race([fed, sleep(LOOK_MS)]);
  }
  await fed;
  return samples;
}

function steadyFigures({ ordersASecond }: Feed, samples: readonly Sample[]): Figure[] {
  const settled = samples.slice(samples.length >> 2); // the first quarter warms up
  const [first, last] = [settled[0], settled.at(-1)];
  if (first === undefined || last === undefined || last.head <= first.head)
    throw new Error('nothing was fed');
  const fed = (last.head - first.head) / ((last.at - first.at) / 1000) / FACTS_AN_ORDER;
  const rate = ordersASecond.toLocaleString('en-US');
  const note = `fed straight into three journals: ${Math.round(fed).toLocaleString('en-US')} orders/s`;
  return READERS.flatMap((reader) => {
    const lags = settled.map((sample) => (sample.head - sample[reader]) / (FACTS_AN_ORDER * ordersASecond));
    const carried = (100 * (last[reader] - first[reader])) / (last.head - first.head);
    const sorted = lags.toSorted((a, b) => a - b);
    const title = `the ${reader} at ${rate} orders/s, told of what was offered`;
    return [
      figureOf(title, '%', [carried], { target: { atLeast: CARRIED_MIN }, note }),
      figureOf(`… its lag, p50`, 's', [quantileOf(sorted, 0.5)]),
      figureOf(`… its lag, longest`, 's', [quantileOf(sorted, 1)]),
    ];
  });
}
