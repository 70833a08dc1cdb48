/** An order as it was asked for, and as it stands while it works. */

import type { Slot } from '../instruments/instrument.ts';
import type { Price, Quantity } from '../values/fixed-point.ts';
import type {
  AccountId,
  ClientOrderId,
  CorrelationId,
  ExecutionId,
  OrderId,
  Ticker,
  UserId,
} from '../values/names.ts';
import type { OrderStatus } from './lifecycle.ts';

export type Side = 'BUY' | 'SELL';
export type OrderType = 'LIMIT' | 'MARKET';

/** What was asked for. Never changes. */
export interface Order {
  readonly orderId: OrderId;
  /** Every fact of the order's life carries it, whoever brings the fact about. */
  readonly correlationId: CorrelationId;
  readonly user: UserId;
  readonly account: AccountId;
  readonly ticker: Ticker;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: Quantity;
  /** The limit; undefined for a market order. */
  readonly price: Price | undefined;
  readonly strategy: string;
  readonly clientOrderId: ClientOrderId | undefined;
}

/** An order that is not finished yet. Finished ones leave the core and live on in SQL. */
export interface WorkingOrder {
  readonly order: Order;
  /** The instrument's place in the firm's risk tables, where the worst case is reserved. */
  readonly slot: Slot;
  status: OrderStatus;
  /** What is still open. */
  leaves: Quantity;
  /** The worst price that the daily volume reserves for what is left over. */
  readonly reservePrice: Price;
  /** What a market order may trade at worst, and what a limit order asks: the bound the venue is given. */
  readonly boundPrice: Price;
  /**
   * Its executions so far; undefined while there is none. A venue that is asked tells all of them again, however
   * long ago they were.
   */
  executions: ExecutionId[] | undefined;
}

/** Has any of the order been executed? */
export const isFilledInPart = ({ order, leaves }: WorkingOrder): boolean => leaves !== order.quantity;
