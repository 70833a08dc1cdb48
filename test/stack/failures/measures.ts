/** How long failures were felt: read off the journal, and kept in a file beside the stack's logs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../../../stack/stack.ts';
import type { Evidence, ShardJournal } from '../checker/evidence.ts';
import { grouped } from '../checker/facts.ts';
import { callsFor } from '../history/record.ts';

/** When the first order after `since` was accepted, in each shard that had a new owner by then; both in milliseconds. */
export function takeovers({ shards }: Pick<Evidence, 'shards'>, since: number): ReadonlyMap<string, number> {
  return new Map(
    shards.flatMap((journal) => {
      const at = firstAccepted(journal, since);
      return at === undefined ? [] : [[journal.shard, at - since] as const];
    }),
  );
}

/** Undefined: no new owner, or none that accepted an order. */
function firstAccepted({ rows, batches }: ShardJournal, since: number): number | undefined {
  const before = rows.findLast(({ recordedAt }) => recordedAt / 1000 <= since)?.epoch ?? 0;
  for (const [index, row] of rows.entries()) {
    if (row.epoch <= before || row.recordedAt / 1000 <= since) continue;
    const entry = batches[index]?.entries.find(({ events }) =>
      events.some(({ type }) => type === 'OrderAccepted'),
    );
    if (entry !== undefined) return entry.at / 1000;
  }
  return undefined;
}

/**
 * The longest that each trader got no answer to an order, from the last one before `since` to the first after `until`; in
 * milliseconds. Traders are of one shard each. (The journal does not tell: a fact is stamped when it is decided, and
 * promised when it is kept.)
 */
export function pauses(
  { calls }: Pick<Evidence, 'calls'>,
  since: number,
  until = Number.POSITIVE_INFINITY,
): readonly number[] {
  const answered = callsFor(calls, 'place').filter(({ phase }) => phase === 'ok');
  return [...grouped(answered, ({ ask }) => ask.user).values()].map((mine) => {
    const times = mine.map(({ endedAt }) => endedAt ?? 0).sort((one, other) => one - other);
    const first = Math.max(
      0,
      times.findLastIndex((at) => at <= since),
    );
    const end = times.findIndex((at) => at > until);
    const within = times.slice(first, end === -1 ? undefined : end + 1);
    return Math.max(0, ...within.map((at, i, all) => at - (all[i - 1] ?? at)));
  });
}

/** Keeps the longest of `times` under `name`, in seconds. @throws Error when nothing was measured */
export function keep(stack: Stack, name: string, times: Iterable<number>): number {
  const longest = Math.max(...times);
  if (!Number.isFinite(longest)) throw new Error(`${name}: nothing was measured`);
  const path = join(stack.folder, 'logs', 'measured.json');
  const seconds = Number((longest / 1000).toFixed(1));
  const known = readMeasures(path);
  writeFileSync(path, `${JSON.stringify({ ...known, [name]: seconds }, undefined, 2)}\n`);
  console.log(`measured: ${name}: ${seconds} s`);
  return longest;
}

function readMeasures(path: string): Readonly<Record<string, number>> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, number>>;
  } catch {
    return {}; // the first one
  }
}
