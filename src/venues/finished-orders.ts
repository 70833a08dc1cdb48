/**
 * What the simulated venue remembers of finished orders, each packed into one short text: all that the house may
 * ask of, and the newest of the others.
 */
import type { VenueReport } from '../core/commands.ts';
import { assert, unreachable } from '../core/values/assert.ts';
import type { Price, Quantity } from '../core/values/fixed-point.ts';
import type { ExecutionId, OrderId } from '../core/values/names.ts';

export interface FinishedOrder {
  readonly reports: readonly VenueReport[];
  /** How many of them were the answer to `place`. */
  readonly firstWords: number;
}

const SEPARATOR = '\n'; // no reason (`why`) may hold one
const FIELD = ' ';

/**
 * Packed as text, an order takes a fifth of what its reports take as objects: 100,000 of them fit in some 20
 * MB.
 */
export class FinishedOrders {
  readonly #packed = new Map<OrderId, string>();
  /**
   * Those that may be forgotten, in the order that was said, as a ring: a Map alone would search for its oldest
   * key through all it has lost.
   */
  readonly #ids: OrderId[] = [];
  #oldest = 0;
  readonly #countMax: number;

  /** `countMax`: so many that may be forgotten are remembered all the same. */
  constructor(countMax: number) {
    assert(Number.isInteger(countMax) && countMax >= 1, 'a venue remembers at least one order');
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#packed.size;
  }

  /** Keeps the order until it may be forgotten. */
  keep(orderId: OrderId, finished: FinishedOrder): void {
    this.#packed.set(orderId, pack(finished));
  }

  /** Nobody will ask of it, said once an order: as many of those as the bound says stay, the newest. */
  mayForget(orderId: OrderId): void {
    if (!this.#packed.has(orderId)) return;
    if (this.#ids.length < this.#countMax) {
      this.#ids.push(orderId);
      return;
    }
    const forgotten = this.#ids[this.#oldest];
    if (forgotten !== undefined) this.#packed.delete(forgotten);
    this.#ids[this.#oldest] = orderId;
    this.#oldest = (this.#oldest + 1) % this.#countMax;
  }

  find(orderId: OrderId): FinishedOrder | undefined {
    const packed = this.#packed.get(orderId);
    return packed === undefined ? undefined : unpack(packed);
  }
}

// Joined, not concatenated: a concatenation is kept as a tree of its parts until someone reads it.
const pack = ({ reports, firstWords }: FinishedOrder): string =>
  [firstWords, ...reports.map(packReport)].join(SEPARATOR);

function packReport(report: VenueReport): string {
  switch (report.kind) {
    case 'filled':
      return ['filled', report.executionId, report.quantity, report.price].join(FIELD);
    case 'rejected':
    case 'undelivered':
    case 'cancelRejected':
      assert(!report.why.includes(SEPARATOR), 'a reason is one line');
      return [report.kind, report.why].join(FIELD);
    case 'acknowledged':
    case 'canceled':
    case 'expired':
      return report.kind;
    default:
      return unreachable(report);
  }
}

function unpack(packed: string): FinishedOrder {
  const [firstWords, ...reports] = packed.split(SEPARATOR);
  return { firstWords: Number(firstWords), reports: reports.map(unpackReport) };
}

function unpackReport(text: string): VenueReport {
  const [kind, ...rest] = text.split(FIELD);
  switch (kind) {
    case 'filled': {
      const [executionId = '', quantity = '', price = ''] = rest;
      return {
        kind,
        executionId: executionId as ExecutionId,
        quantity: BigInt(quantity) as Quantity,
        price: BigInt(price) as Price,
      };
    }
    case 'rejected':
    case 'undelivered':
    case 'cancelRejected':
      return { kind, why: rest.join(FIELD) };
    case 'acknowledged':
    case 'canceled':
    case 'expired':
      return { kind };
    default:
      throw new Error(`no report packs to ${text}`);
  }
}
