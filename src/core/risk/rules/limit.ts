/** What the rules that weigh an amount against a limit share: the comparison, and the refusal it ends in. */

import type { Notional } from '../../values/fixed-point.ts';
import { outward, type Product, SCALE } from '../../values/fixed-point.ts';
import type { Proposal } from '../proposal.ts';
import type { Refusal, RuleName } from '../refusal.ts';

/** A rule weighs a proposal and says no, or nothing. */
export type LimitRule = (proposal: Proposal) => Refusal | undefined;

/** Refuses when `observed` (1e-16) is over `limit` (1e-8); exact, without a division until it has to be told. */
export function within(
  rule: RuleName,
  observed: bigint,
  limit: Notional,
  { reservePrice }: Proposal,
): Refusal | undefined {
  if (observed <= limit * SCALE) return undefined;
  return { rule, observed: outward(observed as Product), limit, reference: reservePrice };
}
