/** One core in a process of its own: trades rounds of orders when it is asked to, and says how long they took. */
import type { PlaceOrder, ReportFromVenue } from '../../src/core/commands.ts';
import type { State } from '../../src/core/state.ts';
import { assert } from '../../src/core/values/assert.ts';
import { quantity } from '../../src/core/values/fixed-point.ts';
import { serve } from '../run/child.ts';
import { carryOut, floor, ONE_LOT, OrderFlow } from './floor.ts';

export interface Desk {
  /** Orders that work and are left alone all the time. */
  readonly working: number;
  readonly instruments: number;
  readonly hasClientIds: boolean;
}

export interface Round {
  /** On the wall's clock, garbage collection included. */
  readonly microsAnOrder: number;
  /** Of the thread alone: what is left when neighbours wanted the core, too. */
  readonly cpuMicrosAnOrder: number;
}

/** Orders made, untimed, before they are traded, timed: few, so that they are young when they are traded. */
const BLOCK = 200;
const SIZE = quantity('100');

let state: State | undefined;
let flow: OrderFlow | undefined;

function setUp({ working, instruments, hasClientIds }: Desk): void {
  const desk = floor(instruments);
  const orders = new OrderFlow(instruments, hasClientIds);
  for (let i = 0; i < working; i++) carryOut(desk, orders.place(ONE_LOT));
  assert(desk.orders.size === working, 'all orders work');
  globalThis.gc?.();
  state = desk;
  flow = orders;
}

function trade(orders: number): Round {
  assert(state !== undefined && flow !== undefined, 'the desk is set up');
  const before = state.orders.size;
  let wallMs = 0;
  let cpuMicros = 0;
  for (let left = orders; left > 0; left -= BLOCK) {
    const commands: (PlaceOrder | ReportFromVenue)[] = [];
    for (let i = 0; i < BLOCK; i++) {
      const place = flow.place(SIZE);
      commands.push(place, flow.report(place));
    }
    const cpu = process.threadCpuUsage();
    const started = performance.now();
    for (let i = 0; i < commands.length; i++) carryOut(state, commands[i] as PlaceOrder | ReportFromVenue);
    wallMs += performance.now() - started;
    cpuMicros += process.threadCpuUsage(cpu).user;
  }
  assert(state.orders.size === before, 'every order was filled');
  return { microsAnOrder: (1000 * wallMs) / orders, cpuMicrosAnOrder: cpuMicros / orders };
}

serve({ setUp, trade });
