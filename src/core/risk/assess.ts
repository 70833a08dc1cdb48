/** The pre-trade checklist: what may trade at all, then what the firm can bear. */
import type { PlaceOrder } from '../commands.ts';
import type { State } from '../state.ts';
import { type Proposal, propose } from './proposal.ts';
import type { Refusal } from './refusal.ts';
import { admit } from './rules/admission.ts';
import { dailyVolume } from './rules/daily-volume.ts';
import { grossExposure } from './rules/gross-exposure.ts';
import type { LimitRule } from './rules/limit.ts';
import { netExposure } from './rules/net-exposure.ts';
import { position } from './rules/position.ts';
import { quantityRange } from './rules/quantity-range.ts';

/** In the order a risk manager reads it. To add a rule: write its file, add its line. */
const PRE_TRADE: readonly LimitRule[] = [quantityRange, position, dailyVolume, netExposure, grossExposure];

export interface Assessment {
  /** Undefined where the order could not even be reckoned; there is a refusal then. */
  readonly proposal: Proposal | undefined;
  /** Empty: the order may go. */
  readonly refusals: readonly Refusal[];
}

/** Every rule is asked, so that a trader learns all that is wrong at once. */
export function assess(state: State, command: PlaceOrder): Assessment {
  const refusals: Refusal[] = [];
  const instrument = state.instruments.get(command.order.ticker);
  admit(state, command, instrument, refusals);
  if (instrument === undefined || command.order.quantity <= 0n) return { proposal: undefined, refusals };
  const proposal = propose(command.order, instrument, state.firm, command.quote);
  if (proposal === undefined) return { proposal, refusals };
  for (const rule of PRE_TRADE) {
    const refusal = rule(proposal);
    if (refusal !== undefined) refusals.push(refusal);
  }
  return { proposal, refusals };
}
