/** The network between two parts cut, both ways and one way, under load. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { LinkFault, Way } from '../network/link-fault.ts';
import { linkName } from '../network/stack-network.ts';
import { takeovers } from './measures.ts';
import { Trial } from './trial.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await Trial.open();
});
afterEach(() => trial.restore());

interface Cut {
  /** The parts' names begin so. */
  readonly from: string;
  readonly to: string;
  readonly way: Way | 'both';
  readonly lastsMs: number;
}

const SHORT_MS = 3_000;
/** Longer than an engine may be silent before its shards go to others. */
const LONG_MS = 9_000;

const CUTS: readonly (readonly [string, Cut])[] = [
  ['API nodes and Kafka', { from: 'api', to: 'kafka', way: 'both', lastsMs: SHORT_MS }],
  ['API nodes to Kafka', { from: 'api', to: 'kafka', way: 'toServer', lastsMs: SHORT_MS }],
  ['Kafka to API nodes', { from: 'api', to: 'kafka', way: 'toClient', lastsMs: SHORT_MS }],
  ['API nodes and Redis', { from: 'api', to: 'redis', way: 'both', lastsMs: SHORT_MS }],
  ['Redis to API nodes', { from: 'api', to: 'redis', way: 'toClient', lastsMs: SHORT_MS }],
  ['engines and Redis', { from: 'engine', to: 'redis', way: 'both', lastsMs: SHORT_MS }],
  ['engines to Redis', { from: 'engine', to: 'redis', way: 'toServer', lastsMs: SHORT_MS }],
  ['an engine and Kafka', { from: 'engine-1', to: 'kafka', way: 'both', lastsMs: LONG_MS }],
  ['Kafka to an engine', { from: 'engine-2', to: 'kafka', way: 'toClient', lastsMs: LONG_MS }],
  ['an engine and PostgreSQL', { from: 'engine-3', to: 'postgres', way: 'both', lastsMs: LONG_MS }],
  ['PostgreSQL to engines', { from: 'engine', to: 'postgres', way: 'toClient', lastsMs: SHORT_MS }],
  ['engines to PostgreSQL', { from: 'engine', to: 'postgres', way: 'toServer', lastsMs: SHORT_MS }],
  ['API nodes and PostgreSQL', { from: 'api', to: 'postgres', way: 'both', lastsMs: SHORT_MS }],
];

test.each(CUTS)('%s are cut off', async (title, { from, to, way, lastsMs }) => {
  let cutAt = 0;
  const failure = async (): Promise<void> => {
    const links = linksOf(from, to);
    expect(await bytesOver(links)).toBeGreaterThan(0); // these links are the ones in use
    const fault: LinkFault = { kind: 'cut', way };
    cutAt = Date.now();
    await Promise.all(links.map((name) => trial.network.setFault(name, fault)));
    await sleep(lastsMs);
    await trial.network.heal();
  };
  const measure = `${title} cut for ${lastsMs / 1000} s`;
  const evidence = await trial.underLoad(`cut of ${title}`, failure, { measure });
  const moved = [...takeovers(evidence, cutAt)].map(([shard, ms]) => `${shard} after ${Math.round(ms)} ms`);
  console.log(`cut of ${title}: new owners: ${moved.join(', ') || 'none'}`);
});

function linksOf(from: string, to: string): readonly string[] {
  const links = trial.stack.links.filter((link) => link.from.startsWith(from) && link.to.startsWith(to));
  expect(links.length).toBeGreaterThan(0);
  return links.map((link) => linkName(link.from, link.to));
}

async function bytesOver(links: readonly string[]): Promise<number> {
  const figures = await Promise.all(links.map((name) => trial.network.figures(name)));
  return figures.reduce((sum, { bytesToServer, bytesToClient }) => sum + bytesToServer + bytesToClient, 0);
}
