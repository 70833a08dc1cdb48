/** The core's laws, over any commands in any order. A failure prints the seed and the shortest commands that break one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Command } from './commands.ts';
import { decide } from './decide.ts';
import type { Event, OrderAccepted } from './events.ts';
import { evolve } from './evolve.ts';
import { isFinished } from './orders/lifecycle.ts';
import { FLAT } from './positions/holding.ts';
import { dump, restore } from './snapshot.ts';
import { initialState } from './state.ts';
import { anyIntents, COIN, type Intent } from './testing/any-commands.ts';
import { floor } from './testing/story.ts';
import { isSame, Trial } from './testing/trial.ts';
import { SCALE } from './values/fixed-point.ts';

/** Plays `intents` on a new core; `each` sees every command with what follows from it, before and after that happens. */
function play(intents: readonly Intent[], each: Witness = {}): Trial {
  const trial = new Trial([...floor, COIN]);
  for (const intent of intents) {
    const command = intent(trial);
    const events = trial.ask(command);
    each.before?.(trial, command, events);
    for (const event of events) {
      each.event?.(trial, event, () => trial.happen(event));
      if (each.event === undefined) trial.happen(event);
    }
    each.after?.(trial, command, events);
  }
  return trial;
}

interface Witness {
  before?(trial: Trial, command: Command, events: readonly Event[]): void;
  /** Must call `happen` once. */
  event?(trial: Trial, event: Event, happen: () => void): void;
  after?(trial: Trial, command: Command, events: readonly Event[]): void;
}

/** `fc.assert` prints the seed of a failure, and the path to its shortest form. */
const always = (law: (intents: readonly Intent[]) => void, numRuns = 150): void =>
  fc.assert(fc.property(anyIntents, law), { numRuns });

test('deciding changes nothing', () => {
  always((intents) => {
    const trial = new Trial([...floor, COIN]);
    for (const intent of intents) {
      const before = dump(trial.state);
      const command = intent(trial);
      const events = trial.ask(command);
      expect(isSame(dump(trial.state), before), command.type).toBe(true);
      expect(decide(trial.state, command)).toEqual(events); // and the same question has the same answer
      for (const event of events) trial.happen(event);
    }
  }, 60);
});

test('replaying the facts rebuilds the state', () => {
  always((intents) => {
    const { history, state } = play(intents);
    const replayed = initialState();
    for (const event of history) evolve(replayed, event);
    expect(isSame(dump(replayed), dump(state))).toBe(true);
    expect(totalsOf(replayed)).toEqual(totalsOf(state));
  });
});

const totalsOf = ({ firm }: Trial['state']) => [firm.upmost, firm.downmost, firm.worst, firm.volume];

test('a state restored from its dump does from then on what the first one does', () => {
  fc.assert(
    fc.property(anyIntents, anyIntents, (past, future) => {
      const trial = play(past);
      const twin = restore(dump(trial.state));
      expect(totalsOf(twin)).toEqual(totalsOf(trial.state));
      for (const intent of future) {
        const command = intent(trial);
        const events = trial.ask(command);
        expect(decide(twin, command)).toEqual(events);
        for (const event of events) {
          trial.happen(event);
          evolve(twin, event);
        }
      }
      expect(isSame(dump(twin), dump(trial.state))).toBe(true);
      expect(totalsOf(twin)).toEqual(totalsOf(trial.state));
    }),
    { numRuns: 80 },
  );
});

test("the firm's totals are what its holdings and working orders add up to", () => {
  always((intents) => {
    play(intents, {
      after(trial) {
        const { upmost, downmost, worst } = trial.totals();
        expect(totalsOf(trial.state)).toEqual([upmost, downmost, worst, trial.volume()]);
      },
    });
  });
});

test('no accepted order brings what is used and reserved over a limit', () => {
  let accepted = 0;
  always((intents) => {
    play(intents, {
      before(trial, _command, events) {
        for (const event of events) if (event.type === 'OrderAccepted') checkAcceptance(trial, event);
        accepted += events.filter(({ type }) => type === 'OrderAccepted').length;
      },
    });
  }, 300);
  expect(accepted).toBeGreaterThan(300); // the law was tried, not only stated
});

/** At the marks of the moment, the accepted order's own among them. */
function checkAcceptance(trial: Trial, { order, mark, reservePrice }: OrderAccepted): void {
  const { positionMax, dailyVolumeMax, netExposureMax, grossExposureMax } = trial.state.firm.limits;
  const before = trial.totals({ ticker: order.ticker, mark });
  const ends = trial.ends(order.ticker);
  const own = mark * order.quantity;
  const isBuy = order.side === 'BUY';
  const position = isBuy ? mark * ends.longest + own : own - mark * ends.shortest;
  expect(position).toBeLessThanOrEqual(positionMax * SCALE);
  const net = isBuy ? before.upmost + own : own - before.downmost;
  expect(net).toBeLessThanOrEqual(netExposureMax * SCALE);
  expect(trial.volume() + reservePrice * order.quantity).toBeLessThanOrEqual(dailyVolumeMax * SCALE);

  const longest = isBuy ? ends.longest + order.quantity : ends.longest;
  const shortest = isBuy ? ends.shortest : ends.shortest - order.quantity;
  const farther = (a: bigint, b: bigint): bigint => (a > -b ? a : -b);
  const change = farther(longest, shortest) - farther(ends.longest, ends.shortest);
  const gross = before.worst + mark * change;
  const isWithin = gross <= grossExposureMax * SCALE;
  expect(isWithin || gross <= before.worst, `gross ${gross} after ${before.worst}`).toBe(true);
}

test('a fill moves no extreme of its own side, and the volume only by the distance to the reserve price', () => {
  let filled = 0;
  always((intents) => {
    play(intents, {
      event(trial, event, happen) {
        if (event.type !== 'OrderFilled') return happen();
        filled++;
        const working = trial.state.orders.get(event.orderId);
        const [upmost, downmost, worst, volume] = totalsOf(trial.state);
        happen();
        const { firm } = trial.state;
        if (working?.order.side === 'BUY') expect(firm.upmost).toBe(upmost);
        else expect(firm.downmost).toBe(downmost);
        expect(firm.worst).toBeLessThanOrEqual(worst ?? 0n);
        const distance = event.price - (working?.reservePrice ?? 0n);
        expect(firm.volume - (volume ?? 0n)).toBe(distance * event.quantity);
      },
    });
  });
  expect(filled).toBeGreaterThan(200);
});

test('positions are the fold of the fills, and no money is made or lost in the books', () => {
  always((intents) => {
    const trial = play(intents);
    for (const { slot, ticker } of trial.state.instruments.values()) {
      let held = 0n;
      for (const { accountId, holdings } of trial.state.accounts.values()) {
        const holding = holdings.at(slot);
        const key = `${accountId}/${ticker}`;
        expect(holding).toEqual(trial.holdings.get(key) ?? FLAT);
        expect(holding.realised - holding.cost).toBe(trial.cash.get(key) ?? 0n);
        held += holding.units;
      }
      const exposure = [...trial.state.firm.exposures()].find((one) => one.ticker === ticker);
      expect(exposure?.position ?? 0n).toBe(held);
    }
  });
});

test('an execution is booked once, whatever is redelivered, and an order is never filled beyond its quantity', () => {
  always((intents) => {
    const { history, sent } = play(intents);
    let day = 0;
    const bookedOn = new Map<string, number>();
    const bookedFor = new Set<string>();
    const filled = new Map<string, bigint>();
    for (const event of history) {
      if (event.type === 'TradingDayStarted') day++;
      if (event.type !== 'OrderFilled') continue;
      const { executionId, orderId, quantity } = event;
      // Of an order that works, every execution is remembered; of the others, today's and yesterday's.
      expect(bookedFor).not.toContain(`${orderId} ${executionId}`);
      expect(day - (bookedOn.get(executionId) ?? -2)).toBeGreaterThanOrEqual(2);
      bookedFor.add(`${orderId} ${executionId}`);
      bookedOn.set(executionId, day);
      filled.set(orderId, (filled.get(orderId) ?? 0n) + quantity);
    }
    for (const order of sent) {
      expect(filled.get(order.orderId) ?? 0n).toBeLessThanOrEqual(order.quantity);
    }
  });
});

test('while the kill switch is on, or trading is closed, nothing is accepted', () => {
  always((intents) => {
    play(intents, {
      before({ state }, _command, events) {
        if (!state.isKillSwitchEngaged && state.isOpen) return;
        expect(events.map(({ type }) => type)).not.toContain('OrderAccepted');
      },
    });
  });
});

test('finished orders leave the core, and what works has something left', () => {
  always((intents) => {
    play(intents, {
      after({ state }) {
        for (const { order, status, leaves } of state.orders.values()) {
          expect(state.orders.get(order.orderId)?.order).toBe(order);
          expect(isFinished(status)).toBe(false);
          expect(leaves).toBeGreaterThan(0n);
        }
      },
    });
  });
});

test('every order that is sent is answered by exactly one fact about it', () => {
  always((intents) => {
    play(intents, {
      before(_trial, command, events) {
        if (command.type !== 'PlaceOrder') return;
        const answers = events.map(({ type }) => type).filter((type) => type !== 'AccountOpened');
        expect(answers).toHaveLength(1);
        expect(['OrderAccepted', 'OrderDenied', 'DuplicateRefused']).toContain(answers[0]);
      },
    });
  });
});
