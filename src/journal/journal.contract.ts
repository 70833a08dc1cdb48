/** What every journal must do, whatever it is made of. Each adapter's test runs it. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CorrelationId, Micros, Position, UserId } from '../core/values/names.ts';
import { EMPTY, headAfter, sealAfter } from './chain.ts';
import { decodeBatch, encodeEntries } from './codec.ts';
import type { Entry, SourceMark } from './entry.ts';
import type { Head, Journal, SealedBatch } from './journal.ts';

/** Opens another writer or reader of the shard. */
type Open = () => Promise<Journal>;

const AT = 1_700_000_000_000_000;

export const anEntry = (reason: string): Entry => ({
  at: AT as Micros,
  user: 'risk' as UserId,
  origin: '10.0.0.1',
  correlationId: randomUUID() as CorrelationId,
  reason,
  events: [{ type: 'KillSwitchEngaged' }, { type: 'KillSwitchReleased' }],
});

/** A row of two events that follows `head`. */
export function aBatch(shard: string, epoch: number, head: Head, reason = 'drill'): SealedBatch {
  const body = encodeEntries([anEntry(reason)]);
  return sealAfter(head, { shard, count: 2, epoch, recordedAt: AT as Micros, body });
}

export async function rowsOf(journal: Pick<Journal, 'read'>, after = 0): Promise<SealedBatch[]> {
  const rows: SealedBatch[] = [];
  for await (const row of journal.read(after as Position)) rows.push(row);
  return rows;
}

/** Begins an empty shard and says its name. */
type Begin = () => Promise<{ shard: string; open: Open }>;

export function journalContract(name: string, begin: Begin): void {
  describe(`${name} keeps the journal's contract`, () => {
    beginnings(begin);
    readings(begin);
    refusals(begin);
    successions(begin);
    marks(begin);
  });
}

function beginnings(begin: Begin): void {
  test('an empty journal has no row and a head at 0', async () => {
    const { open } = await begin();
    const journal = await open();
    expect(await journal.head()).toEqual(EMPTY);
    expect(await rowsOf(journal)).toEqual([]);
  });

  test('a claim gives the head and an epoch above every earlier one', async () => {
    const { open } = await begin();
    const journal = await open();
    const first = await journal.claim();
    const second = await (await open()).claim();
    expect(first.head).toEqual(EMPTY);
    expect(second.epoch).toBeGreaterThan(first.epoch);
  });

  test('what is appended is read back byte for byte, and decodes', async () => {
    const { shard, open } = await begin();
    const journal = await open();
    const { epoch, head } = await journal.claim();
    const batch = aBatch(shard, epoch, head, 'ünïcode ✓ \0');
    await journal.append(batch);
    const rows = await rowsOf(await open());
    expect(rows).toEqual([batch]);
    expect(decodeBatch(rows[0] ?? batch).entries[0]?.reason).toBe('ünïcode ✓ \0');
    expect(await journal.head()).toEqual({ position: 2, hash: batch.hash });
  });
}

function readings(begin: Begin): void {
  test('a body of megabytes survives', async () => {
    const { shard, open } = await begin();
    const journal = await open();
    const { epoch, head } = await journal.claim();
    const batch = aBatch(shard, epoch, head, 'x'.repeat(5_000_000));
    await journal.append(batch);
    await journal.append(aBatch(shard, epoch, headAfter(batch)));
    const rows = await rowsOf(journal);
    expect(rows.length).toBe(2);
    expect(rows[0]?.body.equals(batch.body)).toBe(true);
  });

  test('rows are read in order after any position, also from the middle of a row', async () => {
    const { shard, open } = await begin();
    const journal = await open();
    const { epoch, head } = await journal.claim();
    let end = head;
    for (let i = 0; i < 20; i += 1) {
      const batch = aBatch(shard, epoch, end, `row ${i}`);
      await journal.append(batch);
      end = headAfter(batch);
    }
    const firsts = async (after: number) => (await rowsOf(journal, after)).map((row) => row.firstPosition);
    const all = Array.from({ length: 20 }, (_, i) => 2 * i + 1);
    expect(await firsts(0)).toEqual(all);
    expect(await firsts(20)).toEqual(all.filter((first) => first > 20));
    expect(await firsts(21)).toEqual(all.filter((first) => first >= 21)); // holds 22
    expect(await firsts(40)).toEqual([]);
    expect(await firsts(1_000)).toEqual([]);
  });

  test('a reader may leave in the middle', async () => {
    const { shard, open } = await begin();
    const journal = await open();
    const { epoch, head } = await journal.claim();
    const batch = aBatch(shard, epoch, head);
    await journal.append(batch);
    await journal.append(aBatch(shard, epoch, headAfter(batch)));
    for await (const row of journal.read(0 as Position)) {
      expect(row.firstPosition).toBe(1);
      break;
    }
    expect(await rowsOf(journal)).toHaveLength(2);
  });
}

function refusals(begin: Begin): void {
  describe('refuses with JOURNAL_CONFLICT, and keeps nothing of', () => {
    const refused = async (journal: Journal, batch: SealedBatch) => {
      const before = await rowsOf(journal);
      await expect(journal.append(batch)).rejects.toMatchObject({ code: 'JOURNAL_CONFLICT' });
      expect(await rowsOf(journal)).toEqual(before);
    };

    test('a writer whose epoch is over', async () => {
      const { shard, open } = await begin();
      const journal = await open();
      const { epoch, head } = await journal.claim();
      const successor = await open();
      await successor.claim();
      await refused(journal, aBatch(shard, epoch, head));
    });

    test('the same batch a second time', async () => {
      const { shard, open } = await begin();
      const journal = await open();
      const { epoch, head } = await journal.claim();
      const batch = aBatch(shard, epoch, head);
      await journal.append(batch);
      await refused(journal, batch);
    });

    test('a fork, a gap, and a second genesis', async () => {
      const { shard, open } = await begin();
      const journal = await open();
      const { epoch, head } = await journal.claim();
      const first = aBatch(shard, epoch, head, 'first');
      const second = aBatch(shard, epoch, headAfter(first), 'second');
      await journal.append(first);
      await journal.append(second);
      await refused(journal, aBatch(shard, epoch, headAfter(first), 'fork'));
      await refused(journal, aBatch(shard, epoch, { position: 9 as Position, hash: second.hash }, 'gap'));
      await refused(journal, aBatch(shard, epoch, EMPTY, 'genesis'));
    });

    test('a batch that is chained to another row than the last', async () => {
      const { shard, open } = await begin();
      const journal = await open();
      const { epoch, head } = await journal.claim();
      const first = aBatch(shard, epoch, head);
      await journal.append(first);
      await refused(journal, aBatch(shard, epoch, { position: 2 as Position, hash: Buffer.alloc(32, 1) }));
    });
  });
}

function successions(begin: Begin): void {
  test('a writer that was cut off does not claim again what another has claimed, though nothing was written', async () => {
    const { open } = await begin();
    const old = await open();
    await old.claim();
    await old.claim(); // its own: renewed
    const successor = await open();
    const { epoch } = await successor.claim();
    await expect(old.claim()).rejects.toMatchObject({ code: 'JOURNAL_CONFLICT' });
    expect((await successor.claim()).epoch).toBe(epoch + 1);
  });

  test('a claim is confirmed as long as it stands, and no longer once another has claimed', async () => {
    const { shard, open } = await begin();
    const old = await open();
    const { epoch, head } = await old.claim();
    await old.confirm();
    await old.append(aBatch(shard, epoch, head));
    await old.confirm();
    await old.claim();
    await old.confirm();
    const successor = await open();
    await successor.claim();
    await expect(old.confirm()).rejects.toMatchObject({ code: 'JOURNAL_CONFLICT' });
    await successor.confirm();
    expect(await rowsOf(successor)).toHaveLength(1);
  });

  test('after a refusal a writer of the right epoch goes on', async () => {
    const { shard, open } = await begin();
    const old = await open();
    const before = await old.claim();
    const journal = await open();
    const { epoch, head } = await journal.claim();
    await expect(old.append(aBatch(shard, before.epoch, head))).rejects.toMatchObject({
      code: 'JOURNAL_CONFLICT',
    });
    await journal.append(aBatch(shard, epoch, head));
    const again = await journal.claim();
    expect(again.head.position).toBe(2);
    await journal.append(aBatch(shard, again.epoch, again.head));
    expect(await rowsOf(journal)).toHaveLength(2);
  });
}

function marks(begin: Begin): void {
  test('the last position before a time is that of the last row recorded before it', async () => {
    const { shard, open } = await begin();
    const journal = await open();
    const { epoch, head } = await journal.claim();
    expect(await journal.positionBefore(AT as Micros)).toBe(0);
    const first = sealAfter(head, { ...aBatch(shard, epoch, head), recordedAt: AT as Micros });
    const second = { ...aBatch(shard, epoch, headAfter(first)), recordedAt: (AT + 10) as Micros };
    await journal.append(first);
    await journal.append(sealAfter(headAfter(first), second));
    const asked = [AT, AT + 1, AT + 10, AT + 11].map((time) => journal.positionBefore(time as Micros));
    expect(await Promise.all(asked)).toEqual([0, 2, 2, 4]);
  });

  test('a row says how far the bus was taken in, and a claim says the newest of them', async () => {
    const { shard, open } = await begin();
    const journal = await open();
    const { epoch, head, source: none } = await journal.claim();
    expect(none).toBeUndefined();
    const source = { source: 'cluster/itirp.commands/0', offset: 42n };
    const first = sealAfter(head, { ...aBatch(shard, epoch, head), source });
    const second = aBatch(shard, epoch, headAfter(first));
    await journal.append(first);
    await journal.append(second);
    expect((await rowsOf(journal)).map((row) => row.source)).toEqual([source, undefined]);
    expect((await (await open()).claim()).source).toEqual(source);
  });

  test('what was taken in from the bus is not taken in again; of another bus nothing is known', async () => {
    const { shard, open } = await begin();
    const journal = await open();
    const { epoch, head } = await journal.claim();
    const at = (end: Head, source: SourceMark) => sealAfter(end, { ...aBatch(shard, epoch, end), source });
    const first = at(head, { source: 'cluster/itirp.commands/0', offset: 42n });
    const same = at(headAfter(first), { source: 'cluster/itirp.commands/0', offset: 42n });
    const end = headAfter(same);
    const none = sealAfter(end, aBatch(shard, epoch, end));
    for (const row of [first, same, none]) await journal.append(row);
    const again = at(headAfter(none), { source: 'cluster/itirp.commands/0', offset: 41n });
    await expect(journal.append(again)).rejects.toMatchObject({ code: 'JOURNAL_CONFLICT' });
    await journal.append(at(headAfter(none), { source: 'another/itirp.commands/0', offset: 1n }));
    expect(await rowsOf(journal)).toHaveLength(4);
  });
}
