/** The kill switch held: in each shard by its own journal, and everywhere from when somebody was told so. */
import { askedAt, type Call, callsFor, type PlaceCall } from '../../history/record.ts';
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

/** The clients' clock and an engine's are one machine's, read in two ways that may drift apart by so many milliseconds. */
const CLOCKS_APART_MS = 100;

/**
 * From when a halt was acknowledged until somebody's release takes effect, no shard accepts an order: by each shard's own
 * journal, whatever its trader heard, and by what the traders heard, whatever the journals say. A release counts where a
 * client asked for it and was not told that it failed. What is counted are orders that were asked for in between.
 */
export function haltedEverywhere({ calls, shards }: Evidence, facts: Facts, quota: Quota): Verdict {
  const asked = callsFor(calls, 'release').filter(({ phase }) => phase !== 'fail');
  const releases = new Set(asked.map(({ correlationId }) => correlationId));
  const moves = grouped(facts.all.filter(isMove), ({ shard }) => shard);
  const placed = callsFor(calls, 'place').filter(({ phase }) => phase === 'ok');
  const violations: string[] = [];
  const within: PlaceCall[] = [];
  for (const halt of callsFor(calls, 'halt')) {
    if (halt.phase !== 'ok' || halt.endedAt === undefined) continue;
    const from = halt.endedAt;
    const kept = shards.map(({ shard }) => keptBy(halt, from, moves.get(shard) ?? [], releases));
    const to = Math.min(...kept.map(({ until }) => until));
    const mine = placed.filter(({ invokedAt, endedAt }) => invokedAt > from && (endedAt ?? to) < to);
    within.push(...mine);
    violations.push(...kept.flatMap((one) => one.violations), ...approvedOf(mine));
  }
  return verdictOf('halted everywhere means everywhere', askedAt(within), quota, violations);
}

const MOVES = { KillSwitchEngaged: true, KillSwitchReleased: true, OrderAccepted: true } as const;

const isMove = ({ event }: Fact): boolean => event.type in MOVES;

/** What one shard did of a halt that its client was told of at `from`, and when it was released after that. */
function keptBy(
  halt: Call,
  from: number,
  moves: readonly Fact[],
  releases: ReadonlySet<string>,
): { readonly violations: readonly string[]; readonly until: number } {
  const violations: string[] = [];
  const engaged = moves.findIndex(
    ({ event, correlationId }) => event.type === 'KillSwitchEngaged' && correlationId === halt.correlationId,
  );
  const after = moves.findIndex(({ at }) => at / 1000 > from + CLOCKS_APART_MS);
  if (engaged !== -1 && after !== -1 && after <= engaged)
    violations.push(`call ${halt.call}: acknowledged before ${placeOf(moves[engaged] as Fact)} halted`);
  const [first = moves.length] = [engaged, after].filter((index) => index !== -1).sort((a, b) => a - b);
  for (const fact of moves.slice(first)) {
    const { at, event, correlationId } = fact;
    if (event.type === 'KillSwitchReleased') {
      if (releases.has(correlationId)) return { violations, until: at / 1000 };
      violations.push(`${placeOf(fact)}: released, and nobody asked for that`);
    } else if (event.type === 'OrderAccepted' && at / 1000 > from) {
      violations.push(`${placeOf(fact)}: accepted after call ${halt.call} was told that all is halted`);
    }
  }
  return { violations, until: Number.POSITIVE_INFINITY };
}

const approvedOf = (placed: readonly PlaceCall[]): readonly string[] =>
  placed
    .filter(({ reply }) => reply.status === 200 && reply.word !== 'REJECTED')
    .map(({ call, reply }) => `call ${call}: ${reply.word} ${reply.orderId} while all was said to be halted`);
