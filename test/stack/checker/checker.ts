/** Every law, held against one body of evidence. Pure: what it says depends on nothing but what it is given. */
import type { Evidence } from './evidence.ts';
import { Facts } from './facts.ts';
import { cancelsAreKept, foundIsKept, ownWritesAreRead } from './laws/cancels.ts';
import { chainsHold, epochsNeverFall, offsetsNeverFall, viewsAreRebuilt } from './laws/chain.ts';
import { nothingIsLate } from './laws/deadlines.ts';
import { executionsOnce, positionsAreFolds } from './laws/executions.ts';
import { haltedAcceptsNothing, haltedEverywhere, haltsReachEveryShard } from './laws/kill-switch.ts';
import { coreReckonsAlike, limitsAreShared, limitsHold } from './laws/limits.ts';
import {
  acknowledgedOnce,
  clientOrderIdsOnce,
  nothingUnasked,
  retriesAgree,
  unknownAtMostOnce,
} from './laws/orders.ts';
import type { Quota, Verdict } from './verdict.ts';

/** The fewest cases that each kind of law must have seen, from `countFrom` on. What is left out needs one. */
export interface Needs {
  readonly orders?: number;
  /** Calls whose outcome the caller did not learn, or was refused. */
  readonly unknown?: number;
  readonly retries?: number;
  readonly cancels?: number;
  readonly looks?: number;
  readonly fills?: number;
  /** Halts and releases. */
  readonly halts?: number;
  /** Orders tried while all was halted. */
  readonly tried?: number;
  readonly limits?: number;
  /** Rows that name how far the bus was taken in; 0 where commands come over no bus. */
  readonly offsets?: number;
  /** Rows of views that were rebuilt; 0 where they were not. */
  readonly views?: number;
}

export interface CheckOptions {
  readonly needs?: Needs;
  /** How long after it was asked for an order may still be accepted, in milliseconds. */
  readonly latestMs: number;
  /** Orders from before, by the clients' clock in milliseconds, are nobody's concern. Default 0. */
  readonly since?: number;
  /**
   * Only what happened from then on, in milliseconds, counts for `needs`; the laws themselves hold over everything.
   * Default `since`: where many trials leave one history, none may live on what an earlier one saw.
   */
  readonly countFrom?: number;
}

export function check(
  evidence: Evidence,
  { needs = {}, latestMs, since = 0, countFrom = since }: CheckOptions,
): readonly Verdict[] {
  const facts = new Facts(evidence);
  const quota = (least = 1): Quota => ({ needs: least, from: countFrom });
  const [orders, fills, looks] = [quota(needs.orders), quota(needs.fills), quota(needs.looks)];
  const rows = quota(Math.min(needs.orders ?? 1, 1));
  const tried = quota(needs.tried);
  return [
    acknowledgedOnce(evidence, facts, orders),
    unknownAtMostOnce(evidence, facts, quota(needs.unknown)),
    retriesAgree(evidence, facts, quota(needs.retries)),
    clientOrderIdsOnce(facts, orders),
    nothingUnasked(evidence, facts, since, orders),
    nothingIsLate(evidence, facts, latestMs, orders),
    cancelsAreKept(evidence, facts, quota(needs.cancels)),
    ownWritesAreRead(evidence, looks),
    foundIsKept(evidence, facts, looks),
    executionsOnce(facts, fills),
    positionsAreFolds(evidence, facts, fills),
    limitsHold(evidence, orders),
    coreReckonsAlike(evidence, orders),
    limitsAreShared(evidence, facts, quota(needs.limits)),
    haltedAcceptsNothing(facts, tried),
    haltsReachEveryShard(evidence, facts, quota(needs.halts)),
    haltedEverywhere(evidence, facts, quota(Math.min(tried.needs, 1))),
    chainsHold(evidence, rows),
    epochsNeverFall(evidence, rows),
    offsetsNeverFall(evidence, quota(needs.offsets)),
    viewsAreRebuilt(evidence, quota(needs.views)),
  ];
}
