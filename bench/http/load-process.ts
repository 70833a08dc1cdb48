/** The load: a process of its own that sends orders as fast as they are answered, or at a fixed rate. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../../src/load/connection-http.ts';
import { serve } from '../run/child.ts';
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

interface Line {
  readonly orders: OrderBytes;
  readonly connections: readonly Connection[];
  onAnswer: (isOk: boolean, connection: Connection) => void;
}

const lines = new Map<string, Line>();

async function open({ url, token, family, connections: count }: Target): Promise<void> {
  const connections: Connection[] = [];
  const line: Line = { orders: new OrderBytes(token, family), connections, onAnswer: () => {} };
  lines.set(family, line);
  for (let i = 0; i < count; i++) {
    connections.push(
      await Connection.open(new URL(url), ({ status }, connection) =>
        line.onAnswer(status === 200, connection),
      ),
    );
  }
}

function lineOf(family: string): Line {
  const line = lines.get(family);
  if (line === undefined) throw new Error(`no line ${family}`);
  return line;
}

/** Every connection sends its next order when its last one is answered. */
async function closedLoop({ family, seconds }: ClosedLoop): Promise<Load> {
  const line = lineOf(family);
  let answered = 0;
  let refused = 0;
  const cpu = process.cpuUsage();
  const started = performance.now();
  const endsAt = started + 1000 * seconds;
  let underWay = line.connections.length;
  const done = new Promise<void>((resolve) => {
    line.onAnswer = (isOk, connection) => {
      if (isOk) answered += 1;
      else refused += 1;
      if (performance.now() < endsAt) connection.send(line.orders.next());
      else if (--underWay === 0) resolve();
    };
  });
  for (const connection of line.connections) connection.send(line.orders.next());
  await done;
  return loadOf(answered, refused, started, cpu);
}

/**
 * Orders fall due at a fixed rate, whatever the answers do: one that finds no connection free waits, and its waiting
 * counts. That is what corrects for coordinated omission.
 */
async function openLoop({ family, seconds, ordersASecond }: OpenLoop): Promise<Latencies> {
  const line = lineOf(family);
  const total = Math.round(ordersASecond * seconds);
  const latencies = new Float64Array(total);
  const free = [...line.connections];
  /** When the order that is under way on it was due. */
  const dueAt = new Map<Connection, number>();
  let answered = 0;
  let refused = 0;
  line.onAnswer = (isOk, connection) => {
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
      connection.send(line.orders.next());
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
