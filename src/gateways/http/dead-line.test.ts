/** The contract while Redis is lost: no answer comes back to the nodes, and what one of them knows the others do not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MemoryCache } from '../../cache/cache-memory.ts';
import { decodeBatch } from '../../journal/codec.ts';
import type { Journal } from '../../journal/journal.ts';
import { MemoryJournal } from '../../journal/memory.ts';
import type { Client } from './testing/client.ts';
import { type FirmOfTwo, memoryGround, openFirmOfTwo } from './testing/firm-of-two.ts';
import type { FollowedReads } from './testing/followed-reads.ts';

let east: Journal;
let firm: FirmOfTwo<FollowedReads>;
let client: Client;
beforeAll(async () => {
  east = new MemoryJournal();
  const journal = (shard: string) => (shard === 'east' ? east : new MemoryJournal());
  const ground = memoryGround();
  const line = async () => ({ ...(await ground.line()), cache: new MemoryCache() }); // nothing is shared
  firm = await openFirmOfTwo({ ...ground, line, journal, hasPasswords: true });
  client = await firm.node();
});
beforeEach(() => {
  firm.bus.isUp = false;
});
afterEach(() => {
  firm.bus.wake();
  firm.bus.cut.clear();
});
afterAll(() => firm.close());

const logIn = (password: string) =>
  client.ask('TRADER', 'POST', '/api/v1/auth/login', { username: 'trader1', password });

async function accesses(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const row of east.read(0 as never)) {
    for (const { events } of decodeBatch(row).entries) {
      for (const event of events) if (event.type === 'AccessRecorded') found.push(event.what);
    }
  }
  return found;
}

describe('a login', () => {
  test('is granted once the journal says that it is recorded', async () => {
    const { status, body } = await logIn('trader123');
    expect([status, body.token_type]).toEqual([200, 'bearer']);
    expect((await accesses()).at(-1)).toBe('LoggedIn');
  });

  test('with a wrong password is refused, and recorded as well', async () => {
    const { status, body } = await logIn('wrong');
    expect([status, body.code]).toEqual([401, 'CREDENTIALS_INVALID']);
    expect((await accesses()).at(-1)).toBe('LoginRefused');
  });

  test('that nobody takes in is not granted, and a wrong password is refused all the same', async () => {
    const before = (await accesses()).length;
    firm.bus.asleep.add('east');
    const [granted, refused] = await Promise.all([logIn('trader123'), logIn('wrong')]);
    expect([granted.status, granted.body.code]).toEqual([503, 'COMMAND_IN_DOUBT']);
    expect([refused.status, refused.body.code]).toEqual([401, 'CREDENTIALS_INVALID']);
    firm.bus.wake();
    await expect.poll(accesses).toHaveLength(before + 2);
  });

  test('that could not be sent is not granted, and a wrong password is refused all the same', async () => {
    firm.bus.cut.add('east');
    expect((await logIn('trader123')).body.code).toBe('BUS_UNAVAILABLE');
    expect((await logIn('wrong')).body.code).toBe('CREDENTIALS_INVALID');
  });

  test('that is recorded while it is looked for is granted', async () => {
    firm.bus.asleep.add('east');
    const before = firm.bus.carried.length;
    const granted = logIn('trader123');
    await expect.poll(() => firm.bus.carried.length).toBe(before + 1);
    firm.bus.wake();
    expect((await granted).status).toBe(200);
  });
});

describe('an order that nobody has answered for', () => {
  const ordersOf = (node: Client, id: string, method: 'GET' | 'DELETE') =>
    node.ask('TRADER', method, `/api/v1/orders/${id}`);

  test('is never said not to be there by a node that cannot know, and is found once it is taken in', async () => {
    const other = await firm.node();
    firm.bus.asleep.add('east');
    const { order_id: id } = await client.place();
    const { status, body } = await ordersOf(other, id, 'GET');
    expect([status, body.code]).toEqual([503, 'COMMAND_IN_DOUBT']);
    firm.bus.wake();
    await expect.poll(async () => (await ordersOf(other, id, 'GET')).body.status).toBe('APPROVED');
  });

  test('is canceled by a node that knows nothing of it, right behind it', async () => {
    const other = await firm.node();
    firm.bus.asleep.add('east');
    const { order_id: id } = await client.place();
    const { status, body } = await ordersOf(other, id, 'DELETE');
    expect([status, body.status]).toEqual([202, 'PENDING']);
    firm.bus.wake();
    await expect.poll(async () => (await ordersOf(other, id, 'GET')).body.status).toBe('PENDING_CANCEL');
  });

  test('is not there when it is too old to be accepted any more, or was never an id of ours', async () => {
    const deadlineAndTakeInMs = 5_000 + 30_000;
    const idOf = (ageMs: number): string => {
      const hex = (Date.now() - ageMs).toString(16).padStart(12, '0');
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
    };
    const told = async (id: string) => (await ordersOf(client, id, 'GET')).body.code;
    expect(await told(idOf(deadlineAndTakeInMs - 10_000))).toBe('COMMAND_IN_DOUBT');
    expect(await told(idOf(deadlineAndTakeInMs + 1))).toBe('ORDER_UNKNOWN');
    expect(await told(idOf(-10_000))).toBe('ORDER_UNKNOWN');
    expect(await told(crypto.randomUUID())).toBe('ORDER_UNKNOWN');
  });
});
