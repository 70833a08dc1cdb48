/** Refuses an order that could bring gross exposure, each instrument at its worse end, over its limit. */

import type { Proposal } from '../proposal.ts';
import { type LimitRule, within } from './limit.ts';

export const grossExposure: LimitRule = (proposal) => {
  const growth = growthOf(proposal);
  if (growth <= 0n) return undefined; // over perhaps, but not because of this order: never lock a desk in
  const { group, groupWorst } = proposal;
  const { ceilings, limits } = group;
  const observed = groupWorst + growth;
  return within(
    'GROSS_EXPOSURE_LIMIT',
    observed,
    ceilings.grossExposureMax,
    limits.grossExposureMax,
    proposal,
  );
};

/** How much worse the instrument's worse end becomes; not positive while the other side stays the worse one. */
function growthOf({ mark, ownUnits, otherUnits, ownEnd, value }: Proposal): bigint {
  return ownUnits >= otherUnits ? value : ownEnd - mark * otherUnits;
}
