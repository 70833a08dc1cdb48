/** One allowance for two nodes: what they let in together, on an own clock and a tally that answers when it is let. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '../faults/fault.ts';
import { RateLimit } from './rate-limit.ts';
import { SharedRateLimit } from './shared-rate-limit.ts';
import { tallyContract } from './tally.contract.ts';
import type { Charge, Tally } from './tally.ts';
import { MemoryTally } from './tally-memory.ts';

const PER_MINUTE = 600;

describe('the tally in memory', () => tallyContract(async () => new MemoryTally()));

class Trial {
  now = 1_000_000;
  isDown = false;
  exchanges = 0;
  tally = new MemoryTally(() => this.now);
  readonly nodes = [1, 2].map(
    () => new SharedRateLimit(new RateLimit(PER_MINUTE, () => this.now), this.#line()),
  );

  #line(): Tally {
    const charge = async (charges: readonly Charge[]): Promise<readonly number[]> => {
      this.exchanges++;
      if (this.isDown) throw new Fault('CACHE_UNAVAILABLE');
      return this.tally.charge(charges);
    };
    return { isUp: true, charge };
  }

  /** How many of `requests`, taken in turn by the nodes, got in; after every `every` there is time for an exchange. */
  async knock(requests: number, every = 1): Promise<number> {
    let admitted = 0;
    for (let n = 0; n < requests; n++) {
      if (this.nodes[n % this.nodes.length]?.take('ann') === 0) admitted++;
      if (n % every === 0) await this.settle();
    }
    await this.settle();
    return admitted;
  }

  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
}

describe('two nodes', () => {
  test('let in one allowance together, and a flood asks nobody', async () => {
    const trial = new Trial();
    expect(await trial.knock(PER_MINUTE)).toBe(PER_MINUTE);
    expect(await trial.knock(2)).toBeLessThanOrEqual(1); // who did not take the last one learns of it now
    const asked = trial.exchanges;
    expect(await trial.knock(5_000)).toBe(0);
    expect(trial.exchanges).toBe(asked);
    trial.now += 10_000; // a sixth of the allowance is refilled
    expect(await trial.knock(500)).toBeLessThanOrEqual(PER_MINUTE / 6 + 2);
  });
  test('that are overrun within one exchange let in no more than two allowances, and repay it', async () => {
    const trial = new Trial();
    expect(await trial.knock(5_000, 5_000)).toBeLessThanOrEqual(2 * PER_MINUTE);
    trial.now += 60_000; // without the repayment this would be a whole allowance
    expect(await trial.knock(1_000)).toBeLessThanOrEqual(2);
  });
  test('give an allowance each while the tally is away, and not more', async () => {
    const trial = new Trial();
    trial.isDown = true;
    expect(await trial.knock(5_000)).toBe(2 * PER_MINUTE);
    trial.isDown = false;
    trial.now += 1_000;
    expect(await trial.knock(5_000)).toBeLessThanOrEqual(2 * (PER_MINUTE / 60));
  });
  test('teach a tally that has forgotten everything', async () => {
    const trial = new Trial();
    expect(await trial.knock(PER_MINUTE)).toBe(PER_MINUTE);
    trial.tally = new MemoryTally(() => trial.now);
    trial.now += 100; // one request is refilled
    expect(await trial.knock(5_000)).toBeLessThanOrEqual(4); // each node's own count knew it all
    const [usedMs] = await trial.tally.charge([{ key: 'ann', addMs: 0, floorMs: 0 }]);
    expect(usedMs).toBeGreaterThan(59_000);
  });
  test('do not mind each other’s users', async () => {
    const trial = new Trial();
    await trial.knock(2 * PER_MINUTE);
    expect(trial.nodes.map((node) => node.take('bob'))).toEqual([0, 0]);
  });
  test('never let in more than their own allowances, whatever happens to the tally', async () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant('knock' as const), n: fc.integer({ min: 1, max: 900 }) }),
      fc.record({ what: fc.constant('wait' as const), n: fc.integer({ min: 0, max: 20_000 }) }),
      fc.record({
        what: fc.constantFrom('down' as const, 'up' as const, 'flush' as const),
        n: fc.constant(0),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const trial = new Trial();
        let [admitted, waited] = [0, 0];
        for (const { what, n } of steps) {
          if (what === 'knock') admitted += await trial.knock(n, 50);
          else if (what === 'flush') trial.tally = new MemoryTally(() => trial.now);
          else if (what === 'wait') {
            trial.now += n;
            waited += n;
          } else trial.isDown = what === 'down';
        }
        expect(admitted).toBeLessThanOrEqual(2 * (PER_MINUTE + (waited / 60_000) * PER_MINUTE));
      }),
      { numRuns: 60 },
    );
  });
});

test('an allowance without a limit asks nobody', () => {
  let asked = 0;
  const tally = {
    isUp: true,
    charge: async () => {
      asked++;
      return [];
    },
  };
  const limit = new SharedRateLimit(new RateLimit(0), tally);
  expect(Array.from({ length: 100 }, () => limit.take('ann')).every((waitMs) => waitMs === 0)).toBe(true);
  expect(asked).toBe(0);
});
