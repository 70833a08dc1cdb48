/** What a refused order is told: the contract's sentence, and each refusal in figures. */
import type { Refusal } from '../core/risk/refusal.ts';
import { type ExactJson, exactJson } from './exact-json.ts';

/** `Risk violations: POSITION_LIMIT, DAILY_VOLUME_LIMIT`, or the kill switch's own sentence. */
export function refusalMessage(refusals: readonly Refusal[]): string {
  const rules = refusals.map(({ rule }) => rule);
  if (rules.includes('KILL_SWITCH_ACTIVE')) return 'Kill switch is active - all trading halted';
  return `Risk violations: ${rules.join(', ')}`;
}

export interface WireViolation {
  readonly rule: string;
  readonly observed: ExactJson | null;
  readonly limit: ExactJson | null;
  readonly reference_price: ExactJson | null;
}

/** One refusal as the wire shows it. */
export const wireViolation = ({ rule, observed, limit, reference }: Refusal): WireViolation => ({
  rule,
  observed: exactJson(observed),
  limit: exactJson(limit),
  reference_price: exactJson(reference),
});
