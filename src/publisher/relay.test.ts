import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Announcement } from '../bus/announcer.ts';
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { Fold } from '../projections/fold.ts';
import { anyAct, batchesOf, Trading } from '../projections/testing/trading.ts';
import { MemoryPublished } from './published-memory.ts';
import { Desk, dataOf, deduped, idOf, SHARD } from './testing/desk.ts';

const acts = fc.array(anyAct, { minLength: 1, maxLength: 80 });
const [long = []] = fc.sample(fc.array(anyAct, { minLength: 150, maxLength: 150 }), { seed: 7, numRuns: 1 });
const history = new Trading().act(...long).entries;
const outage = (): Fault => new Fault('BUS_UNAVAILABLE', 'the broker is away');

/** All there is to tell of the history. */
async function everything(): Promise<readonly Announcement[]> {
  const desk = new Desk();
  await desk.write(history);
  await desk.tellAll();
  return desk.wire.told;
}

describe('whatever happened', () => {
  test('the audit topic tells the very events that SQL has, with the same ids, in the same order', async () => {
    const told = fc.asyncProperty(acts, fc.integer({ min: 1, max: 9 }), async (acts, size) => {
      const { entries } = new Trading().act(...acts);
      const desk = new Desk();
      await desk.write(entries, size);
      await desk.tellAll();
      const fold = new Fold(SHARD, 0 as Position, []);
      for (const batch of batchesOf(entries, size)) fold.apply(batch);
      const audit = desk.wire.told.filter(({ topic }) => topic === 'audit.events');
      const rows = fold.take().events.map(({ eventId, eventType, orderId, user, correlationId }) => ({
        event_id: eventId,
        event_type: eventType,
        order_id: orderId ?? null,
        user_id: user,
        correlation_id: correlationId,
      }));
      expect(audit.map(idOf)).toEqual(rows.map(({ event_id }) => event_id));
      expect(audit.map(dataOf)).toMatchObject(rows);
    });
    await fc.assert(told, { numRuns: 25 });
  });

  test('the last position told is what the fills add up to, and each fill is told once', async () => {
    const told = await everything();
    const fold = new Fold(SHARD, 0 as Position, []);
    for (const batch of batchesOf(history, 3)) fold.apply(batch);
    const { positions, executions } = fold.take();
    const last = new Map(
      told.filter(({ topic }) => topic === 'positions').map((one) => [one.key, dataOf(one)]),
    );
    expect([...last.keys()].sort()).toEqual(positions.map((one) => `${one.account} ${one.ticker}`).sort());
    for (const { account, ticker, holding } of positions) {
      const { quantity } = last.get(`${account} ${ticker}`) as { quantity?: string };
      expect(BigInt(Math.round(Number(quantity) * 1e8))).toBe(holding.units);
    }
    const fills = told.filter(({ topic }) => topic === 'fills').map(dataOf);
    expect(fills).toMatchObject(executions.map(({ executionId }) => ({ execution_id: executionId })));
    expect(fills.length).toBeGreaterThan(20);
  });

  test('messages that go to two topics are one event: the same id, headers and body', async () => {
    const told = await everything();
    const audit = new Map(
      told.filter(({ topic }) => topic === 'audit.events').map((one) => [idOf(one), one]),
    );
    const topics = ['orders.created', 'orders.executed', 'risk.violations'];
    const narrow = told.filter(({ topic }) => topics.includes(topic));
    expect(new Set(narrow.map(({ topic }) => topic)).size).toBe(3);
    for (const { topic: _topic, ...same } of narrow)
      expect(audit.get(idOf(same as Announcement))).toMatchObject(same);
  });

  test('no two messages of a topic share an id, and no amount is a bare number', async () => {
    const told = await everything();
    expect(deduped(told)).toHaveLength(told.length);
    const bare = new Set<string>();
    const noted = (name: string, value: unknown): unknown => {
      if (typeof value === 'number') bare.add(name);
      return value;
    };
    for (const { body } of told) JSON.parse(String(body), noted);
    expect([...bare]).toEqual(['journal_position']);
  });
});

describe('at least once', () => {
  test('a relay that ends anywhere and is begun again leaves nothing out and changes nothing', async () => {
    const wanted = (await everything()).map(idOf);
    const lives = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 5 });
    const cut = fc.asyncProperty(lives, async (lives) => {
      const desk = new Desk();
      await desk.write(history);
      for (const calls of lives) {
        let left = calls;
        desk.wire.trouble = () => {
          if (left-- === 0) throw new TypeError('the process dies here');
        };
        await desk.tellAll().catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
      }
      desk.wire.trouble = () => {};
      await desk.tellAll();
      expect(deduped(desk.wire.told).map(idOf)).toEqual(wanted);
    });
    await fc.assert(cut, { numRuns: 15 });
  });

  test('an outage of the bus is waited out, and the order within a key stays', async () => {
    const wanted = await everything();
    const desk = new Desk();
    await desk.write(history);
    const troubles: string[] = [];
    desk.wire.trouble = (call) => {
      if (call % 3 !== 0) throw outage();
    };
    await desk.tellAll({ onTrouble: ({ code }) => troubles.push(code) });
    expect(troubles.length).toBeGreaterThan(10);
    expect(deduped(desk.wire.told)).toEqual(wanted);
  });

  test('an outage of the database while reading and writing is waited out', async () => {
    const wanted = await everything();
    const desk = new Desk();
    await desk.write(history);
    let calls = 0;
    const away = (): void => {
      if (calls++ % 3 === 0) throw new Fault('DATABASE_UNAVAILABLE');
    };
    const published = new Proxy(desk.published, {
      get: (target, name: keyof MemoryPublished) => async (shard: string, what: never) => {
        away();
        return await target[name](shard, what);
      },
    });
    const journal = {
      head: () => desk.journal.head(),
      async *read(after: Position) {
        let n = 0;
        for await (const batch of desk.journal.read(after)) {
          if (n++ === 5) throw new Fault('JOURNAL_UNAVAILABLE');
          yield batch;
        }
      },
    };
    await desk.tellAll({ published, journal });
    expect(desk.wire.told).toEqual(wanted);
  });
});

describe('where a relay begins', () => {
  test('with the checkpoint it tells the same as from the beginning of the journal', async () => {
    const desk = new Desk();
    const half = Math.floor(history.length / 2);
    await desk.write(history.slice(0, half));
    await desk.tellAll();
    expect((await desk.published.checkpoint(SHARD))?.position).toBeGreaterThan(0);
    await desk.write(history.slice(half));
    const forgetful = new MemoryPublished();
    await forgetful.move(SHARD, await desk.published.position(SHARD));
    const before = desk.wire.told.length;
    await desk.tellAll({ published: forgetful });
    const fromZero = desk.wire.told.splice(before);
    await desk.tellAll();
    expect(desk.wire.told.slice(before)).toEqual(fromZero);
    expect(fromZero.length).toBeGreaterThan(100);
  });

  test('a journal that ends before what was told is not gone on with', async () => {
    const desk = new Desk();
    await desk.write(history.slice(0, 3));
    await desk.published.move(SHARD, 10_000 as Position);
    await expect(desk.relay().run()).rejects.toMatchObject({ code: 'JOURNAL_BEHIND' });
  });
});

describe('its life', () => {
  test('a poke wakes it, and the lag says how far it is behind', async () => {
    const desk = new Desk();
    const end = await desk.write(history.slice(0, 10));
    const idle: (() => void)[] = [];
    const relay = desk.relay({ onIdle: () => idle.shift()?.() });
    const first = new Promise<void>((resolve) => idle.push(resolve));
    const running = relay.run();
    await first;
    expect([relay.position, relay.lag]).toEqual([end, 0]);
    const more = await desk.write(history.slice(10, 20));
    const second = new Promise<void>((resolve) => idle.push(resolve));
    relay.poke(more);
    expect(relay.lag).toBe(more - end);
    await second;
    expect([relay.position, relay.lag]).toEqual([more, 0]);
    await relay.stop();
    await running;
  });

  test('facts that trickle in share requests, and none waits for longer than the pace', async () => {
    const wanted = await everything();
    const desk = new Desk();
    let calls = 0;
    desk.wire.trouble = (call) => {
      calls = call;
    };
    const relay = desk.relay({ tempo: { messagesMax: 1_000, paceMs: 400 } });
    const running = relay.run();
    const size = Math.ceil(history.length / 20);
    for (let from = 0; from < history.length; from += size) {
      relay.poke(await desk.write(history.slice(from, from + size)));
      await sleep(2);
    }
    await vi.waitFor(() => expect(relay.lag).toBe(0), { timeout: 10_000 });
    await relay.stop();
    await running;
    expect(desk.wire.told).toEqual(wanted);
    expect(calls).toBeLessThan(10);
  });

  test('stopped while the bus is away, it ends, and has moved no further than what is told', async () => {
    const desk = new Desk();
    await desk.write(history);
    const { promise: away, resolve } = Promise.withResolvers<void>();
    desk.wire.trouble = (call) => {
      if (call < 3) return;
      resolve();
      throw outage();
    };
    const relay = desk.relay();
    const running = relay.run();
    await away;
    await relay.stop();
    await running;
    expect(await desk.published.position(SHARD)).toBe(relay.position);
    desk.wire.trouble = () => {};
    await desk.tellAll();
    expect(deduped(desk.wire.told)).toEqual(await everything());
  });
});
