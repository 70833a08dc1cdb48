/** What the rules that weigh an amount against a limit share: the comparison, and the refusal it ends in. */

import type { Notional } from '../../values/fixed-point.ts';
import { outward, type Product } from '../../values/fixed-point.ts';
import type { Proposal } from '../proposal.ts';
import type { Refusal, RuleName } from '../refusal.ts';

/** A rule weighs a proposal and says no, or nothing. */
export type LimitRule = (proposal: Proposal) => Refusal | undefined;

/** Refuses when `observed` is over `ceiling`, both in 1e-16: exact, without a division until it has to be told. */
export function within(
  rule: RuleName,
  observed: bigint,
  ceiling: Notional,
  limit: Notional,
  { reservePrice }: Proposal,
): Refusal | undefined {
  if (observed <= ceiling) return undefined;
  return { rule, observed: outward(observed as Product), limit, reference: reservePrice };
}
