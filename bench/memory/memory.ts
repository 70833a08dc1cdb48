/**
 * What orders take in memory: a million finished ones, and a million that work.
 *
 * Expected: of a finished order the core keeps 7 words under its client order id and 2 in the execution ids, in
 * tables at most 80 % full: 35 + 15 bytes, so 30 to 50 MB a million, more or less as the tables have just grown or
 * are about to. A working order is itself (14 fields), the order it came from, its ids (five texts of 50 bytes) and
 * two places in tables: about 500 bytes, so 500 MB.
 */
import { Child } from '../run/child.ts';
import { type Figure, figureOf } from '../run/figure.ts';
import type { Suite } from '../run/suite.ts';
import type { Growth, Orders } from './memory-process.ts';

const FINISHED_MB_MAX = 50;
const WORKING_MB_MAX = 800;

/**
 * The young generation at its full size from the start (V8 takes up to 64 MB a half where memory is plenty). It grows
 * with use, in steps of 64 MB, whatever the orders: a process at work has it, and its growth is nothing that orders take.
 */
const FLAGS = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

async function measure(question: string, orders: Orders, turns: number): Promise<readonly Growth[]> {
  const growths: Growth[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const child = Child.start(new URL('./memory-process.ts', import.meta.url), {}, FLAGS);
    try {
      growths.push(await child.ask<Growth>(question, orders));
    } finally {
      await child.stop();
    }
  }
  return growths;
}

export const memory: Suite = {
  async run(scale, tell) {
    const turns = scale.pick(3, 1);
    const orders: Orders = {
      before: scale.pick(500_000, 1_000),
      denied: scale.pick(400_000, 1_000),
      orders: scale.pick(1_000_000, 2_000),
    };
    tell('finished orders, in the core alone');
    const core = await measure('finishedInCore', orders, turns);
    tell('finished orders, through sequencer, router and venue');
    const engine = await measure('finishedInEngine', orders, turns);
    tell('working orders');
    const working = await measure('workingInCore', orders, turns);
    return [
      growth('1,000,000 finished orders, in the core', core, FINISHED_MB_MAX),
      growth('… through sequencer, router and venue', engine, FINISHED_MB_MAX),
      growth('1,000,000 working orders', working, WORKING_MB_MAX),
    ];
  },
};

const growth = (name: string, growths: readonly Growth[], atMost: number): Figure =>
  figureOf(
    name,
    'MB',
    growths.map(({ megabytes }) => megabytes),
    {
      target: { atMost },
      note: `resident, after gc; the whole process then: ${Math.round(growths.at(-1)?.totalMegabytes ?? 0)} MB`,
    },
  );
