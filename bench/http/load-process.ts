/** The load: a process of its own that sends orders as fast as they are answered, or at a fixed rate. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../src/load/connection-http.ts';
import { serve } from '../run/child.ts';
import { within } from '../run/patience.ts';
import { Crew } from './crew.ts';
import { OrderBytes } from './requests.ts';

export interface Target {
  readonly url: string;
  readonly token: string;
  /** One character: client order ids of different families never meet. */
  readonly family: string;
  readonly connections: number;
}
export interface ClosedLoop {
  readonly family: string;
  readonly seconds: number;
}
export interface OpenLoop extends ClosedLoop {
  readonly ordersASecond: number;
}
export interface Load {
  readonly answered: number;
  /** Answers other than 200. */
  readonly refused: number;
  readonly seconds: number;
  /** What this process itself needed for an order: part of what the machine has to do. */
  readonly cpuMicrosAnOrder: number;
}
export interface Latencies extends Load {
  /** From the instant an order was due to its answer, sorted, in milliseconds. */
  readonly latencies: Float64Array;
}

/** After the end of a run, for the answers that are still out, in milliseconds. */
const LAST_ANSWERS_MS = 30_000;

interface Line {
  readonly target: Target;
  readonly orders: OrderBytes;
}

const lines = new Map<string, Line>();

function open(target: Target): void {
  lines.set(target.family, { target, orders: new OrderBytes(target.token, target.family) });
}

/** Lends `drive` the line's orders and its connections. @throws Error when one is lost, or the last answers do not come */
async function over<T>(
  { family, seconds }: ClosedLoop,
  drive: (crew: Crew, orders: OrderBytes) => Promise<T>,
): Promise<T> {
  const line = lines.get(family);
  if (line === undefined) throw new Error(`no line ${family}`);
  const { url, connections } = line.target;
  const crew = await Crew.open(new URL(url), connections);
  try {
    const driven = Promise.race([drive(crew, line.orders), crew.lost]);
    const what = `the answers to the orders of line ${family} from ${url}`;
    return await within(1000 * seconds + LAST_ANSWERS_MS, what, driven);
  } finally {
    crew.close();
  }
}

/** Every connection sends its next order when its last one is answered. */
const closedLoop = (loop: ClosedLoop): Promise<Load> =>
  over(loop, async (crew, orders) => {
    let answered = 0;
    let refused = 0;
    const cpu = process.cpuUsage();
    const started = performance.now();
    const endsAt = started + 1000 * loop.seconds;
    let underWay = crew.connections.length;
    const done = Promise.withResolvers<void>();
    crew.onAnswer = (isOk, connection) => {
      if (isOk) answered += 1;
      else refused += 1;
      if (performance.now() < endsAt) connection.send(orders.next());
      else if (--underWay === 0) done.resolve();
    };
    for (const connection of crew.connections) connection.send(orders.next());
    await done.promise;
    return loadOf(answered, refused, started, cpu);
  });

/**
 * Orders fall due at a fixed rate, whatever the answers do: one that finds no connection free waits, and its waiting
 * counts. That is what corrects for coordinated omission.
 */
const openLoop = (loop: OpenLoop): Promise<Latencies> =>
  over(loop, (crew, orders) => keepPace(crew, orders, loop));

async function keepPace(
  crew: Crew,
  orders: OrderBytes,
  { seconds, ordersASecond }: OpenLoop,
): Promise<Latencies> {
  const total = Math.round(ordersASecond * seconds);
  const latencies = new Float64Array(total);
  const free = [...crew.connections];
  /** When the order that is under way on it was due. */
  const dueAt = new Map<Connection, number>();
  let answered = 0;
  let refused = 0;
  crew.onAnswer = (isOk, connection) => {
    if (!isOk) refused += 1;
    latencies[answered++] = performance.now() - (dueAt.get(connection) ?? 0);
    free.push(connection);
  };
  const cpu = process.cpuUsage();
  const started = performance.now();
  let sent = 0;
  while (answered < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) * ordersASecond) / 1000) + 1);
    while (sent < due) {
      const connection = free.shift(); // the one that rested longest: the server closes what rests for seconds
      if (connection === undefined) break;
      dueAt.set(connection, started + (1000 * sent++) / ordersASecond);
      connection.send(orders.next());
    }
    await sleep(1);
  }
  return { ...loadOf(answered, refused, started, cpu), latencies: latencies.sort() };
}

function loadOf(answered: number, refused: number, started: number, cpu: NodeJS.CpuUsage): Load {
  const { user, system } = process.cpuUsage(cpu);
  const orders = answered + refused;
  return {
    answered,
    refused,
    seconds: (performance.now() - started) / 1000,
    cpuMicrosAnOrder: (user + system) / Math.max(1, orders),
  };
}

serve({ open, closedLoop, openLoop });
