/** The kill switch held: in each shard by its own journal, and everywhere from when somebody was told so. */
import { askedAt, type Call, callsFor } from '../../history/record.ts';
import type { Evidence } from '../evidence.ts';
import { decidedAt, type Fact, type Facts, grouped, placeOf } from '../facts.ts';
import { type Quota, type Verdict, verdictOf } from '../verdict.ts';

/** Between engaged and released a shard accepts nothing. What is counted are orders that were tried in vain. */
export function haltedAcceptsNothing(facts: Facts, quota: Quota): Verdict {
  const engaged = new Set<string>();
  const violations: string[] = [];
  const tried: Fact[] = [];
  for (const fact of facts.all) {
    const { shard, event } = fact;
    if (event.type === 'KillSwitchEngaged') engaged.add(shard);
    else if (event.type === 'KillSwitchReleased') engaged.delete(shard);
    else if (!engaged.has(shard)) continue;
    else if (event.type === 'OrderDenied') tried.push(fact);
    else if (event.type === 'OrderAccepted') violations.push(`${placeOf(fact)}: accepted while halted`);
  }
  return verdictOf('a halted shard accepts nothing', decidedAt(tried), quota, violations);
}

/** A halt that was acknowledged is in the journal of every shard; so is a release. */
export function haltsReachEveryShard({ calls, shards }: Evidence, facts: Facts, quota: Quota): Verdict {
  const setBy = (type: 'KillSwitchEngaged' | 'KillSwitchReleased') =>
    grouped(facts.of(type), ({ correlationId }) => correlationId);
  const [engaged, released] = [setBy('KillSwitchEngaged'), setBy('KillSwitchReleased')];
  const done = [
    ...callsFor(calls, 'halt').map((call) => ({ call, found: engaged })),
    ...callsFor(calls, 'release').map((call) => ({ call, found: released })),
  ].filter(({ call }) => call.phase === 'ok');
  const violations = done.flatMap(({ call, found }) => {
    const reached = (found.get(call.correlationId) ?? []).map(({ shard }) => shard);
    return shards.flatMap(({ shard }) => {
      const times = reached.filter((other) => other === shard).length;
      return times === 1
        ? []
        : [`call ${call.call}: ${call.ask.what} acknowledged, ${times} times in ${shard}`];
    });
  });
  const asked = askedAt(done.map(({ call }) => call));
  return verdictOf('an acknowledged halt is in every shard', asked, quota, violations);
}

/**
 * From when a halt was acknowledged until somebody next asks for a release, nobody who asks is told that a new order
 * was accepted. What is counted are orders that were asked for in between.
 */
export function haltedEverywhere({ calls }: Evidence, quota: Quota): Verdict {
  const releases = callsFor(calls, 'release');
  const windows = callsFor(calls, 'halt')
    .filter(({ phase }) => phase === 'ok')
    .map((halt) => ({
      from: halt.endedAt ?? Number.POSITIVE_INFINITY,
      to: firstReleaseAfter(halt, releases),
    }));
  const within = callsFor(calls, 'place').filter(
    ({ invokedAt, endedAt, phase }) =>
      phase === 'ok' && windows.some(({ from, to }) => invokedAt > from && (endedAt ?? to) < to),
  );
  const violations = within
    .filter(({ reply }) => reply.status === 200 && reply.word !== 'REJECTED')
    .map(({ call, reply }) => `call ${call}: ${reply.word} ${reply.orderId} while all was said to be halted`);
  return verdictOf('halted everywhere means everywhere', askedAt(within), quota, violations);
}

/** When a release was asked for that may have come after the halt; one whose end is unknown may come at any time. */
function firstReleaseAfter(halt: Call, releases: readonly Call[]): number {
  const later = releases.filter(
    ({ phase, endedAt }) => phase === 'unknown' || endedAt === undefined || endedAt > halt.invokedAt,
  );
  return Math.min(Number.POSITIVE_INFINITY, ...later.map(({ invokedAt }) => invokedAt));
}
