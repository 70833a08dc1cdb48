/**
 * The order core alone, on one thread: submit and fill through decide and evolve with all v1 checks.
 *
 * Expected: an order is two commands and three facts. Reckoned at 15-45 ns a bigint operation, of which the five
 * limit rules, the reservation and the settlement need about 40, some 25 hash-table steps at 20 ns and 1 KB of
 * garbage at 0.3 ns a byte, it should take about 2 µs, so 400,000 an order a second leaves a fifth in hand. A million
 * working orders in 10,000 instruments add cache misses (the order's table, the instrument, its row of the risk
 * table, its holding: about 10 at 80 ns) and nothing that grows: about 1.4 times.
 */
import { Child } from '../run/child.ts';
import { type Figure, figureOf, ratiosOf } from '../run/figure.ts';
import type { Suite } from '../run/suite.ts';
import type { Desk, Round } from './core-process.ts';

const ORDERS_A_SECOND_MIN = 400_000;
const LARGE_RATIO_MAX = 1.5;

export const core: Suite = {
  async run(scale, tell) {
    const turns = scale.pick(7, 1);
    const orders = scale.pick(300_000, 2_000);
    const small: Desk = { working: 1_000, instruments: 10, hasClientIds: false };
    const large: Desk = {
      working: scale.pick(1_000_000, 2_000),
      instruments: scale.pick(10_000, 20),
      hasClientIds: false,
    };
    const desks = [small, large, { ...small, hasClientIds: true }];
    const children = desks.map(() => Child.start(new URL('./core-process.ts', import.meta.url)));
    try {
      tell('setting up the desks');
      for (const [i, desk] of desks.entries()) await children[i]?.ask('setUp', desk);
      const rounds: Round[][] = desks.map(() => []);
      for (let turn = -1; turn < turns; turn++) {
        tell(turn < 0 ? 'warming up' : `turn ${turn + 1} of ${turns}`);
        for (const [i, child] of children.entries()) {
          const round = await child.ask<Round>('trade', orders);
          if (turn >= 0) rounds[i]?.push(round);
        }
      }
      return figuresOf(rounds);
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  },
};

function figuresOf([small = [], large = [], named = []]: readonly Round[][]): Figure[] {
  const wall = (rounds: readonly Round[]) => rounds.map(({ microsAnOrder }) => microsAnOrder);
  const cpu = (rounds: readonly Round[]) => rounds.map(({ cpuMicrosAnOrder }) => cpuMicrosAnOrder);
  const rate = (micros: readonly number[]) => micros.map((each) => 1e6 / each);
  const target = { atLeast: ORDERS_A_SECOND_MIN };
  return [
    figureOf('submit and fill, 1,000 working in 10 instruments', 'orders/s', rate(wall(small)), { target }),
    figureOf('… of the thread’s own time', 'µs/order', cpu(small), { note: 'without waiting for the core' }),
    figureOf('… with client order ids', 'orders/s', rate(wall(named))),
    figureOf('1,000,000 working in 10,000, cost against the above', '×', ratiosOf(wall(large), wall(small)), {
      target: { atMost: LARGE_RATIO_MAX },
      note: 'turn by turn',
    }),
    figureOf('… of the thread’s own time', '×', ratiosOf(cpu(large), cpu(small))),
  ];
}
