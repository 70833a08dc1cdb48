/** Refuses what may not trade at all, whatever it is worth: halted, closed, late, unknown, off the grid, unpriced. */
import type { PlaceOrder } from '../../commands.ts';
import { type Instrument, isOnLot, isOnTick } from '../../instruments/instrument.ts';
import type { State } from '../../state.ts';
import { isPriced } from '../proposal.ts';
import type { Refusal, RuleName } from '../refusal.ts';

/** Says whether the order may NOT be admitted. */
type AdmissionRule = (state: State, command: PlaceOrder, instrument: Instrument | undefined) => boolean;

/** In the order a trader reads it. To add a rule: add its line. */
const ADMISSION: readonly (readonly [RuleName, AdmissionRule])[] = [
  ['KILL_SWITCH_ACTIVE', (state) => state.isKillSwitchEngaged],
  ['TRADING_CLOSED', (state) => !state.isOpen || state.tradingDate === undefined],
  ['DEADLINE_PASSED', (_state, { isLate }) => isLate === true],
  ['UNKNOWN_SYMBOL', (_state, _command, instrument) => instrument === undefined],
  [
    'OFF_TICK',
    (_state, { order: { price } }, instrument) =>
      price !== undefined && instrument !== undefined && (price <= 0n || !isOnTick(instrument, price)),
  ],
  [
    'OFF_LOT',
    (_state, { order: { quantity } }, instrument) =>
      quantity <= 0n || (instrument !== undefined && !isOnLot(instrument, quantity)),
  ],
  [
    'NO_FRESH_QUOTE',
    (_state, { order, quote }) => order.type === 'MARKET' && !(isPriced(quote) && quote.isFresh),
  ],
];

/** Adds a refusal to `refusals` for every rule that does not admit the order. */
export function admit(
  state: State,
  command: PlaceOrder,
  instrument: Instrument | undefined,
  refusals: Refusal[],
): void {
  for (const [rule, isRefused] of ADMISSION) {
    if (!isRefused(state, command, instrument)) continue;
    refusals.push({ rule, observed: undefined, limit: undefined, reference: undefined });
  }
}
