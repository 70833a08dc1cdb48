/** What a death costs those who trade: from the kill to the first order that whoever came after has accepted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { kill, start } from '../../stack/operations.ts';
import type { Stack } from '../../stack/stack.ts';
import { type Figure, figureOf } from '../run/figure.ts';
import type { Scale } from '../run/suite.ts';
import { type Seat, seatsOf } from './picture.ts';

const ENGINE_MAX_S = 10;
const POSTGRES_MAX_S = 30;
/** A new order so often, whatever became of the last one. */
const TRY_MS = 50;
const PATIENCE_MS = 90_000;
const CALL_MS = 20_000;

/** While the journals are as short as those of a morning: how long a tail the new owner folds is SNAPSHOT_EVERY's. */
export async function engineDeaths(
  stack: Stack,
  scale: Scale,
  tell: (progress: string) => void,
): Promise<Figure> {
  const seats = await seatsOf(stack);
  await Promise.all(seats.map((seat) => firstAccepted(stack.url, seat)));
  const seconds: number[] = [];
  for (let turn = 0; turn < scale.pick(3, 1); turn++) {
    const seat = seats[turn % seats.length] as Seat;
    tell(`an engine is killed, turn ${turn + 1}`);
    seconds.push(await killOwner(stack, seat));
  }
  return figureOf('an engine is killed: first order of its shard accepted by the new owner', 's', seconds, {
    target: { atMost: ENGINE_MAX_S },
    note: 'from SIGKILL',
  });
}

export async function primaryDeath(stack: Stack, tell: (progress: string) => void): Promise<Figure> {
  const seats = await seatsOf(stack);
  await Promise.all(seats.map((seat) => firstAccepted(stack.url, seat)));
  tell('the primary is killed');
  const seconds = [await killPrimary(stack, seats)];
  return figureOf("PostgreSQL's primary is killed: an order accepted in every shard again", 's', seconds, {
    target: { atMost: POSTGRES_MAX_S },
    note: 'from SIGKILL; the standby is promoted at once, nothing has to notice',
  });
}

async function killOwner(stack: Stack, seat: Seat): Promise<number> {
  const owner = await ownerOf(stack, seat.shard);
  const killed = performance.now();
  await kill(stack, owner);
  const seconds = ((await firstAccepted(stack.url, seat)) - killed) / 1000;
  await start(stack, owner);
  await sleep(3_000); // the group deals the shards out anew
  await firstAccepted(stack.url, seat);
  return seconds;
}

async function killPrimary(stack: Stack, seats: readonly Seat[]): Promise<number> {
  const killed = performance.now();
  const moved = stack.postgres.failover({ fence: 'kill', rebuild: false });
  const answered = moved.then(() => Promise.all(seats.map((seat) => firstAccepted(stack.url, seat))));
  return (Math.max(...(await answered)) - killed) / 1000;
}

/** The engine that tells of the shard's journal. */
async function ownerOf(stack: Stack, shard: string): Promise<string> {
  const endsAt = performance.now() + PATIENCE_MS;
  while (performance.now() < endsAt) {
    for (const { daemon, port } of stack.partsCalled('engine')) {
      const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
        (response) => response.text(),
        () => '',
      );
      if (text.includes(`journal_position{shard="${shard}"}`)) return daemon.name;
    }
    await sleep(200);
  }
  throw new Error(`no engine has ${shard}`);
}

/** Sends one order after another, none waiting for the one before, until one is accepted. Returns when that was. */
async function firstAccepted(url: string, { token }: Seat): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const endsAt = performance.now() + PATIENCE_MS;
  let isOver = false;
  void promise.then(() => {
    isOver = true;
  });
  const send = async (): Promise<void> => {
    const body = JSON.stringify({ symbol: 'AAPL', side: 'BUY', quantity: 1, price: 900.5 });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(CALL_MS);
    const response = await fetch(`${url}/api/v1/orders`, { method: 'POST', headers, body, signal });
    const { status } = (await response.json()) as { status?: unknown };
    if (response.status === 200 && status !== 'REJECTED') resolve(performance.now());
  };
  while (!isOver) {
    if (performance.now() > endsAt) throw new Error('no order is accepted any more');
    void send().catch(() => {}); // refused, cut off, too late: the next one tries
    await Promise.race([promise, sleep(TRY_MS)]);
  }
  return await promise;
}
