/** The network between any two parts cut, both ways and one way, under load: several cuts of one kind in each run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { start } from '../../../stack/operations.ts';
import { moreKnown } from '../house-under-load.ts';
import type { Load } from '../load/load.ts';
import type { Way } from '../network/link-fault.ts';
import { linkName } from '../network/stack-network.ts';
import { keep, pauses, takeovers } from './measures.ts';
import { Trial } from './trial.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await Trial.open();
});
afterEach(() => trial.restore());
afterAll(() => trial.proveReaders());

interface Cut {
  readonly title: string;
  /** From whose names begin so to whose names begin so; a pair more is cut at the same time. */
  readonly between: readonly (readonly [from: string, to: string])[];
  readonly way: Way | 'both';
  readonly lastsMs: number;
}

const SHORT_MS = 3_000;
/** Longer than an engine may be silent before its shards go to others. */
const LONG_MS = 9_000;

const short = (title: string, way: Cut['way'], ...between: Cut['between']): Cut => ({
  title,
  between,
  way,
  lastsMs: SHORT_MS,
});
const long = (...words: Parameters<typeof short>): Cut => ({ ...short(...words), lastsMs: LONG_MS });

const RUNS: readonly (readonly [string, readonly Cut[]])[] = [
  [
    'API nodes and Kafka',
    [
      short('API nodes and Kafka', 'both', ['api', 'kafka']),
      short('API nodes to Kafka', 'toServer', ['api', 'kafka']),
      short('Kafka to API nodes', 'toClient', ['api', 'kafka']),
    ],
  ],
  [
    'Redis',
    [
      short('API nodes and Redis', 'both', ['api', 'redis']),
      short('Redis to API nodes', 'toClient', ['api', 'redis']),
      short('engines and Redis', 'both', ['engine', 'redis']),
      short('engines to Redis', 'toServer', ['engine', 'redis']),
    ],
  ],
  [
    'engines and Kafka',
    [
      long('an engine and Kafka', 'both', ['engine-1', 'kafka']),
      long('Kafka to an engine', 'toClient', ['engine-2', 'kafka']),
    ],
  ],
  [
    'PostgreSQL',
    [
      long('an engine and PostgreSQL', 'both', ['engine-3', 'postgres']),
      short('PostgreSQL to engines', 'toClient', ['engine', 'postgres']),
      short('engines to PostgreSQL', 'toServer', ['engine', 'postgres']),
      short('API nodes and PostgreSQL', 'both', ['api', 'postgres']),
      short('PostgreSQL to API nodes', 'toClient', ['api', 'postgres']),
    ],
  ],
  [
    'HAProxy and API nodes',
    [
      short('HAProxy and an API node', 'both', ['haproxy', 'api-1']),
      short('an API node to HAProxy', 'toClient', ['haproxy', 'api-2']),
      short('HAProxy to all API nodes', 'toServer', ['haproxy', 'api']),
    ],
  ],
  [
    'readers of the journal',
    [
      short(
        'publishers and Kafka, projectors and PostgreSQL',
        'both',
        ['publisher', 'kafka'],
        ['projector', 'postgres'],
      ),
      short(
        'Kafka to publishers, PostgreSQL to projectors',
        'toClient',
        ['publisher', 'kafka'],
        ['projector', 'postgres'],
      ),
      short(
        'publishers and PostgreSQL, projectors and Redis',
        'both',
        ['publisher', 'postgres'],
        ['projector', 'redis'],
      ),
      short('publishers to PostgreSQL', 'toServer', ['publisher', 'postgres']),
    ],
  ],
  [
    'PostgreSQL’s standby and primary',
    [
      short('standby and primary', 'both', ['postgres', 'postgres']),
      short('primary to standby', 'toClient', ['postgres', 'postgres']),
      short('standby to primary', 'toServer', ['postgres', 'postgres']),
    ],
  ],
];

interface Done {
  readonly cut: Cut;
  readonly from: number;
  /** When orders flowed again. */
  readonly until: number;
}

test.each(RUNS)('%s are cut off', async (title, cuts) => {
  const done: Done[] = [];
  const failures = async (load: Load): Promise<void> => {
    for (const cut of cuts) {
      const from = Date.now();
      await carryOut(cut, load);
      done.push({ cut, from, until: Date.now() });
      await start(trial.stack, 'engine'); // one that was fenced has ended
    }
  };
  const news = cuts.some(({ between }) => between.some(([from]) => from === 'publisher'));
  const evidence = await trial.underLoad(`cuts of ${title}`, failures, { news });
  for (const { cut, from, until } of done)
    keep(trial.stack, `${cut.title} cut for ${cut.lastsMs / 1000} s`, pauses(evidence, from, until));
  const since = done[0]?.from ?? 0;
  const moved = [...takeovers(evidence, since)].map(([shard, ms]) => `${shard} after ${Math.round(ms)} ms`);
  console.log(`cuts of ${title}: new owners: ${moved.join(', ') || 'none'}`);
});

async function carryOut({ between, way, lastsMs }: Cut, load: Load): Promise<void> {
  const links: string[] = [];
  for (const pair of between) {
    const ofPair = linksOf(...pair);
    expect(await bytesOver(ofPair), pair.join(' to ')).toBeGreaterThan(0); // these links are the ones in use
    links.push(...ofPair);
  }
  await Promise.all(links.map((name) => trial.network.setFault(name, { kind: 'cut', way })));
  await sleep(lastsMs);
  await trial.network.heal();
  await moreKnown(load, 60);
}

function linksOf(from: string, to: string): readonly string[] {
  const links = trial.stack.links.filter((link) => link.from.startsWith(from) && link.to.startsWith(to));
  expect(links.length).toBeGreaterThan(0);
  return links.map((link) => linkName(link.from, link.to));
}

async function bytesOver(links: readonly string[]): Promise<number> {
  const figures = await Promise.all(links.map((name) => trial.network.figures(name)));
  return figures.reduce((sum, { bytesToServer, bytesToClient }) => sum + bytesToServer + bytesToClient, 0);
}
