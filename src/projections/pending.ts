/** What the fold has changed since it last handed over: one row an order and a position, however often they moved. */
import type { OrderStatus } from '../core/orders/lifecycle.ts';
import type { Order } from '../core/orders/order.ts';
import type { AccountId, Micros, OrderId, Position } from '../core/values/names.ts';
import type {
  Changes,
  CountChange,
  CreatedOrder,
  EventRecord,
  ExecutionRecord,
  Flight,
  PositionRecord,
} from './rows.ts';

export class Pending {
  readonly #events: EventRecord[] = [];
  readonly #executions: ExecutionRecord[] = [];
  readonly #created = new Map<OrderId, CreatedOrder>();
  readonly #updated = new Map<OrderId, Flight>();
  readonly #positions = new Map<string, PositionRecord>();
  readonly #counts = new Map<string, CountChange>();
  readonly #accounts: AccountId[] = [];

  event(row: EventRecord): void {
    this.#events.push(row);
  }

  execution(row: ExecutionRecord): void {
    this.#executions.push(row);
  }

  opened(account: AccountId): void {
    this.#accounts.push(account);
  }

  created(order: Order, flight: Flight, createdAt: Micros): void {
    this.#created.set(order.orderId, { order, createdAt, flight });
    this.#count(flight, flight.status, 1);
  }

  /** `flight` has moved on from `before`. */
  moved(flight: Flight, before: OrderStatus): void {
    if (!this.#created.has(flight.orderId)) this.#updated.set(flight.orderId, flight);
    if (flight.status === before) return;
    this.#count(flight, before, -1);
    this.#count(flight, flight.status, 1);
  }

  position(key: string, held: PositionRecord): void {
    this.#positions.set(key, held);
  }

  /** All of it, as it stands: the flights are copied, because the fold goes on with them. */
  upTo(position: Position): Changes {
    return {
      position,
      events: this.#events,
      executions: this.#executions,
      created: Array.from(this.#created.values(), (row) => ({ ...row, flight: { ...row.flight } })),
      updated: Array.from(this.#updated.values(), (flight) => ({ ...flight })),
      positions: [...this.#positions.values()],
      counts: [...this.#counts.values()].filter(({ n }) => n !== 0),
      accounts: this.#accounts,
    };
  }

  #count({ user, ticker }: Flight, status: OrderStatus, change: number): void {
    const key = `${user}\n${ticker}\n${status}`;
    const n = (this.#counts.get(key)?.n ?? 0) + change;
    this.#counts.set(key, { user, ticker, status, n });
  }
}
