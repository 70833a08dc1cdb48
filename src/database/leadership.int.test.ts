/** Of all who compete for a job exactly one has it, and another takes over as soon as the holder is gone. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { emptySchema } from '../../test/schema.ts';
import { Leadership } from './leadership.ts';
import { openPool, withSchema } from './pool.ts';

let url: string;
const all: Leadership[] = [];
/** Who leads what just now, and all that was ever told. */
const leaders = new Map<string, Set<string>>();
const told: string[] = [];

beforeAll(async () => {
  url = await emptySchema();
});
afterEach(async () => {
  for (const leadership of all.splice(0)) await leadership.close();
  leaders.clear();
  told.length = 0;
});

function contender(
  name: string,
  at = url,
): { of: (job: string, shard?: string) => () => Promise<void>; leadership: Leadership } {
  const leadership = new Leadership({ url: at });
  all.push(leadership);
  const of = (job: string, shard = 'main'): (() => Promise<void>) => {
    const key = `${job} ${shard}`;
    const set = leaders.get(key) ?? new Set();
    leaders.set(key, set);
    return leadership.lead(
      job,
      shard,
      () => {
        set.add(name);
        told.push(`${name} leads ${key}`);
      },
      () => {
        set.delete(name);
        told.push(`${name} lost ${key}`);
      },
    );
  };
  return { of, leadership };
}
const leadersOf = (key: string): string[] => [...(leaders.get(key) ?? [])];
const polled = { timeout: 10_000, interval: 20 };

test('one of two leads; when it gives up, the other one does', async () => {
  const giveUp = contender('a').of('projector');
  await expect.poll(() => leadersOf('projector main'), polled).toEqual(['a']);
  contender('b').of('projector');
  const seen = contender('c');
  seen.of('publisher');
  await expect.poll(() => leadersOf('publisher main'), polled).toEqual(['c']); // b has asked in vain by now
  expect(leadersOf('projector main')).toEqual(['a']);
  leaders.get('projector main')?.delete('a'); // it knows by itself: nobody tells who gave up
  await giveUp();
  await expect.poll(() => leadersOf('projector main'), polled).toEqual(['b']);
});

test('each shard and each job has a leader of its own, and so has each schema', async () => {
  const a = contender('a');
  a.of('projector', 's1');
  a.of('publisher', 's1');
  await expect.poll(() => leadersOf('publisher s1'), polled).toEqual(['a']);
  const b = contender('b');
  b.of('projector', 's2');
  contender('c', withSchema(url.replace(/\?.*/, ''), 'elsewhere')).of('projector', 's1');
  await expect.poll(() => leadersOf('projector s2'), polled).toEqual(['b']);
  await expect.poll(() => leadersOf('projector s1'), polled).toEqual(['a', 'c']);
});

test('a holder whose session PostgreSQL ends hears of it, and one of both leads again', async () => {
  contender('a').of('projector');
  await expect.poll(() => leadersOf('projector main'), polled).toEqual(['a']);
  contender('b').of('projector');
  const pool = openPool(url, { connectionsMax: 1 });
  const ended = await pool.query(
    `select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and (classid::bigint << 32 | objid::bigint) = hashtextextended(
       'itirp leads projector of main in ' || current_setting('search_path'), 0)`,
  );
  expect(ended.rowCount).toBe(1);
  await pool.end();
  await expect.poll(() => told, polled).toContain('a lost projector main');
  await expect.poll(() => leadersOf('projector main').length, polled).toBe(1);
});

test('what is competed for already is not competed for twice', () => {
  const a = contender('a');
  a.of('projector');
  expect(() => a.of('projector')).toThrow('competed for already');
});

afterAll(() => expect(all).toEqual([]));
