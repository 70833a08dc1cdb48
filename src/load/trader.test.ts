import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Fault } from '../faults/fault.ts';
import { Control, type Tokens } from './control.ts';
import { Trader } from './trader.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Gives out numbered tokens; what stands in `fails` is refused. */
class Door extends Control {
  readonly fails = new Set<'logIn' | 'refresh'>();
  readonly asked: string[] = [];
  constructor() {
    super([]);
  }
  override async logIn(): Promise<Tokens> {
    return this.#give('logIn');
  }
  override async refresh(): Promise<Tokens> {
    return this.#give('refresh');
  }
  #give(how: 'logIn' | 'refresh'): Tokens {
    this.asked.push(how);
    if (this.fails.has(how)) throw new Fault('CREDENTIALS_INVALID');
    return { access: `token ${this.asked.length}`, refresh: 'again', expiresInSeconds: 100 };
  }
}

const ANN = { name: 'ann', password: 'x' };

test('a token is renewed well before it ends, by its refresh token, again and again', async () => {
  const door = new Door();
  const trader = await Trader.logIn(door, ANN);
  await vi.advanceTimersByTimeAsync(69_000);
  expect(trader.token).toBe('token 1');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(trader.token).toBe('token 2');
  await vi.advanceTimersByTimeAsync(70_000);
  expect(door.asked).toEqual(['logIn', 'refresh', 'refresh']);
  trader.leave();
  await vi.advanceTimersByTimeAsync(200_000);
  expect(door.asked.length).toBe(3);
});

test('where the session is over it logs in anew, and where nobody answers it tries again', async () => {
  const door = new Door();
  const trader = await Trader.logIn(door, ANN);
  door.fails.add('refresh');
  await vi.advanceTimersByTimeAsync(71_000);
  expect([trader.token, door.asked]).toEqual(['token 3', ['logIn', 'refresh', 'logIn']]);
  door.fails.add('logIn');
  await vi.advanceTimersByTimeAsync(71_000);
  expect([trader.token, trader.renewalsFailed]).toEqual(['token 3', 1]);
  door.fails.clear();
  await vi.advanceTimersByTimeAsync(6_000);
  expect(trader.token).toBe('token 6');
  trader.leave();
});

test('it remembers a bounded number of orders, and gives each to cancel once, the oldest first', async () => {
  const trader = await Trader.logIn(new Door(), ANN);
  for (let i = 0; i < 3_000; i++) {
    trader.rests(`R${i}`);
    trader.knows(`K${i}`);
  }
  expect(trader.forgotten).toBe(2_000);
  expect([trader.takeWorking(), trader.takeWorking()]).toEqual(['R0', 'R1']);
  let rest = 0;
  while (trader.takeWorking() !== undefined) rest += 1;
  expect(rest).toBe(998);
  expect(Number(trader.knownAt(0.5)?.slice(1))).toBeGreaterThanOrEqual(2_000);
  trader.leave();
});
