/** An order that comes too late is not carried out: no trader wants it executed half a minute after he asked. */
import { callsFor } from '../../history/record.ts';
import type { Evidence } from '../evidence.ts';
import { decidedAt, type Facts, placeOf } from '../facts.ts';
import { type Quota, type Verdict, verdictOf } from '../verdict.ts';

/**
 * No order is accepted later than `latestMs` after its trader asked. The trader's clock and the engine's are one
 * here; what passes before a node stamps the order must be in `latestMs`.
 */
export function nothingIsLate({ calls }: Evidence, facts: Facts, latestMs: number, quota: Quota): Verdict {
  const askedOf = new Map(callsFor(calls, 'place').map((call) => [call.correlationId, call.invokedAt]));
  const accepted = facts.of('OrderAccepted').filter(({ correlationId }) => askedOf.has(correlationId));
  const violations = accepted.flatMap((fact) => {
    const lateMs = fact.at / 1000 - (askedOf.get(fact.correlationId) ?? 0);
    return lateMs <= latestMs
      ? []
      : [`${placeOf(fact)}: accepted ${Math.round(lateMs)} ms after it was asked for`];
  });
  return verdictOf('no order is accepted late', decidedAt(accepted), quota, violations);
}
