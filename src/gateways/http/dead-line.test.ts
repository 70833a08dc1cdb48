/** The contract while Redis is lost: no answer comes back to the nodes, and what one of them knows the others do not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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
  firm = await openFirmOfTwo({ ...memoryGround(), journal, hasPasswords: true });
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
