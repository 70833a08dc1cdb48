/**
 * Many machines against one: engines behind Kafka, doors behind a load balancer, readers far behind, deaths.
 * The whole stack runs on the machine that measures, so what counts are ratios and seconds of a core.
 *
 * Expected: an order over the bus is encoded and decoded twice (command and answer), posted, fetched and published:
 * 25 µs of caller and engine beside the 20 µs that deciding and committing take, and as much again for the broker.
 */
import type { Figure } from '../run/figure.ts';
import type { Suite } from '../run/suite.ts';
import { engineDeaths, primaryDeath } from './failover.ts';
import { latencyAlone, latencyFigures, latencyOfNodes } from './latency.ts';
import { withPicture } from './picture.ts';
import { readersOf } from './readers.ts';
import { throughputOf } from './throughput.ts';

export const nodes: Suite = {
  run: async (scale, tell) => {
    const alone = await latencyAlone(scale, tell); // before anything of the stack takes its part of the cores
    tell('the stack starts');
    return await withPicture(async (stack): Promise<readonly Figure[]> => {
      const latency = latencyFigures(alone, await latencyOfNodes(stack, scale, tell));
      const engines = await engineDeaths(stack, scale, tell);
      const throughput = await throughputOf(stack, scale, tell);
      const readers = await readersOf(stack, scale, tell);
      const primary = await primaryDeath(stack, tell); // the last: one server of PostgreSQL is gone then
      return [...throughput, ...latency, engines, primary, ...readers];
    });
  },
};
