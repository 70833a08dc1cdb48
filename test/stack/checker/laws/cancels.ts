/** What a trader was told of cancels and of orders looked up, held against the journal. */
import { askedAt, callsFor } from '../../history/record.ts';
import type { Evidence } from '../evidence.ts';
import { type Facts, grouped } from '../facts.ts';
import { type Quota, type Verdict, verdictOf } from '../verdict.ts';

/** A cancel that was taken is in the journal once; one that was refused for good is not. */
export function cancelsAreKept({ calls }: Evidence, facts: Facts, quota: Quota): Verdict {
  const requested = grouped(facts.of('CancelRequested'), ({ correlationId }) => correlationId);
  const cancels = callsFor(calls, 'cancel');
  const violations = cancels.flatMap(({ call, phase, correlationId, ask }) => {
    const found = requested.get(correlationId) ?? [];
    const isRight =
      phase === 'ok' ? found.length === 1 : phase === 'fail' ? found.length === 0 : found.length <= 1;
    if (!isRight)
      return [`call ${call}: cancel of ${ask.orderId} is ${phase}, in the journal ${found.length} times`];
    const other = found.find(({ event }) => event.orderId !== ask.orderId);
    return other === undefined
      ? []
      : [`call ${call}: canceled ${other.event.orderId} in place of ${ask.orderId}`];
  });
  const taken = cancels.filter(({ phase }) => phase === 'ok');
  return verdictOf('every acknowledged cancel is in the journal once', askedAt(taken), quota, violations);
}

/** What was looked up and found is in the journal: nobody is shown an order that may yet be lost. */
export function foundIsKept({ calls }: Evidence, facts: Facts, quota: Quota): Verdict {
  const decided = [...facts.of('OrderAccepted'), ...facts.of('OrderDenied')];
  const kept = new Set(decided.map(({ event }) => event.order.orderId as string));
  const found = callsFor(calls, 'look').filter(({ phase }) => phase === 'ok');
  const violations = found
    .filter(({ ask }) => !kept.has(ask.orderId))
    .map(
      ({ call, ask, reply }) =>
        `call ${call}: ${ask.orderId} was found ${reply.word}, and is not in the journal`,
    );
  return verdictOf('what was found is in the journal', askedAt(found), quota, violations);
}

/** Whoever was told of an order finds it from then on, at whatever node. */
export function ownWritesAreRead({ calls }: Evidence, quota: Quota): Verdict {
  const toldAt = new Map<string, number>();
  for (const { phase, reply, endedAt } of callsFor(calls, 'place')) {
    const { orderId } = reply;
    if (phase !== 'ok' || orderId === undefined || endedAt === undefined) continue;
    toldAt.set(orderId, Math.min(endedAt, toldAt.get(orderId) ?? Number.POSITIVE_INFINITY));
  }
  const looks = callsFor(calls, 'look').filter(
    ({ ask, invokedAt, phase }) => phase !== 'unknown' && invokedAt > (toldAt.get(ask.orderId) ?? invokedAt),
  );
  const violations = looks
    .filter(({ phase }) => phase === 'fail')
    .map(
      ({ call, ask, reply }) =>
        `call ${call}: ${ask.orderId} was acknowledged, then ${reply.status} ${reply.code}`,
    );
  return verdictOf('who was told of an order finds it', askedAt(looks), quota, violations);
}
