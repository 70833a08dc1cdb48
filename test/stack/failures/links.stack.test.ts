/** The network between any two parts cut, both ways and one way, under load: several cuts of one kind in each run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { start } from '../../../stack/operations.ts';
import { moreKnown } from '../house-under-load.ts';
import type { Load } from '../load/load.ts';
import { linkName } from '../network/stack-network.ts';
import { type Cut, RUNS } from './cuts.ts';
import { keep, pauses, takeovers } from './measures.ts';
import { Trial } from './trial.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await Trial.open();
});
afterEach(() => trial.restore());
afterAll(() => trial.proveReaders());

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
  const links: { readonly name: string; readonly way: Cut['way'] }[] = [];
  for (const [from, to, ownWay] of between) {
    const names = linksOf(from, to);
    expect(await bytesOver(names), `${from} to ${to}`).toBeGreaterThan(0); // these links are the ones in use
    links.push(...names.map((name) => ({ name, way: ownWay ?? way })));
  }
  await Promise.all(links.map((link) => trial.network.setFault(link.name, { kind: 'cut', way: link.way })));
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
