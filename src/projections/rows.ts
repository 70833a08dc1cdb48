/** The rows of the views as the fold makes them, before they are SQL. */
import type { OrderStatus } from '../core/orders/lifecycle.ts';
import type { Order, Side } from '../core/orders/order.ts';
import type { Holding } from '../core/positions/holding.ts';
import type { Price, Product, Quantity } from '../core/values/fixed-point.ts';
import type {
  AccountId,
  CorrelationId,
  ExecutionId,
  Micros,
  OrderId,
  Position,
  Ticker,
  UserId,
} from '../core/values/names.ts';
import type { EventName } from './expansion.ts';
import type { JsonText } from './json-text.ts';

export interface EventRecord {
  readonly eventId: string;
  readonly eventType: EventName;
  readonly correlationId: string;
  readonly orderId: string | undefined;
  readonly at: Micros;
  readonly payload: JsonText;
  readonly user: UserId;
}

/** What the next fact about an order is reckoned from. One that is finished is not looked at again. */
export interface Flight {
  readonly orderId: OrderId;
  readonly correlationId: CorrelationId;
  readonly user: UserId;
  readonly account: AccountId;
  readonly ticker: Ticker;
  readonly side: Side;
  readonly quantity: Quantity;
  status: OrderStatus;
  filled: Quantity;
  /** Sum of price times quantity over the fills. */
  filledProduct: Product;
  /** The venue's first sign of it. */
  startedAt: Micros | undefined;
  rejectionReason: string | undefined;
  updatedAt: Micros;
}

export interface CreatedOrder {
  readonly order: Order;
  readonly createdAt: Micros;
  readonly flight: Readonly<Flight>;
}

export interface ExecutionRecord {
  readonly executionId: ExecutionId;
  readonly orderId: OrderId;
  readonly account: AccountId;
  readonly ticker: Ticker;
  readonly side: Side;
  readonly quantity: Quantity;
  readonly price: Price;
  readonly closed: Quantity;
  readonly opened: Quantity;
  readonly realised: Product;
  readonly at: Micros;
}

export interface PositionRecord {
  readonly account: AccountId;
  readonly ticker: Ticker;
  readonly holding: Holding;
  readonly at: Micros;
}

/** How many more orders (or fewer) stand in a status. */
export interface CountChange {
  readonly user: UserId;
  readonly ticker: Ticker;
  readonly status: OrderStatus;
  readonly n: number;
}

/** Everything that a stretch of the journal changes in the views: one SQL transaction. */
export interface Changes {
  /** The stretch's last fact. */
  readonly position: Position;
  readonly events: readonly EventRecord[];
  readonly created: readonly CreatedOrder[];
  readonly updated: readonly Readonly<Flight>[];
  readonly executions: readonly ExecutionRecord[];
  readonly positions: readonly PositionRecord[];
  readonly counts: readonly CountChange[];
  /** Accounts that were named for the first time: they belong to the shard from then on. */
  readonly accounts: readonly AccountId[];
}
