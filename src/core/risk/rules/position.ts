/** Refuses an order that could bring the instrument's position, working orders counted, over the position limit. */
import { type LimitRule, within } from './limit.ts';

/** A buy is held against the long extreme and a sell against the short one: the way out of a position stays open. */
export const position: LimitRule = (proposal) => {
  const { ownEnd, group } = proposal;
  const { ceilings, limits } = group;
  return within('POSITION_LIMIT', ownEnd, ceilings.positionMax, limits.positionMax, proposal);
};
