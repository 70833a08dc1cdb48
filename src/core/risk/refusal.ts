/** A typed no: which rule said it, what it saw, what it allows, and the price it reckoned with. */
import type { Notional, Price } from '../values/fixed-point.ts';

/** Every rule's name as the v1 wire spells it. */
export type RuleName =
  | 'KILL_SWITCH_ACTIVE'
  | 'TRADING_CLOSED'
  | 'UNKNOWN_SYMBOL'
  | 'OFF_TICK'
  | 'OFF_LOT'
  | 'NO_FRESH_QUOTE'
  | 'DEADLINE_PASSED'
  | 'QUANTITY_RANGE'
  | 'POSITION_LIMIT'
  | 'DAILY_VOLUME_LIMIT'
  | 'NET_EXPOSURE_LIMIT'
  | 'GROSS_EXPOSURE_LIMIT';

export interface Refusal {
  readonly rule: RuleName;
  /** What the limit would have had to bear; undefined where the rule weighs nothing. */
  readonly observed: Notional | undefined;
  readonly limit: Notional | undefined;
  /** The price that the order was reckoned at; undefined where the rule needs none. */
  readonly reference: Price | undefined;
}
