/** What traders do, one request after another: orders that trade or rest, cancels of their own, looks at their own. */
import type { Random } from '../market-data/random.ts';
import type { Ledger } from './ledger.ts';
import { mayStillWork } from './leftovers.ts';
import type { Market, Side } from './market.ts';
import {
  type Mix,
  MixDice,
  OPERATIONS,
  type OperationKind,
  ORDER_KINDS,
  type OrderKind,
  partOf,
} from './mix.ts';
import type { Trader } from './trader.ts';
import type { Answer, Operation } from './transport.ts';

export interface Request {
  readonly operation: Operation;
  readonly trader: Trader;
  /** Of an order: which of the run's it is, and whether it will rest. */
  readonly number: number;
  readonly isResting: boolean;
}

export interface FlowParts {
  readonly traders: readonly Trader[];
  readonly market: Market;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly mix: Mix<OperationKind>;
  readonly orders: Mix<OrderKind>;
  /** Begins every client order id, so that no two runs share one. */
  readonly run: string;
}

/** What a deployment says that has not placed the order, and never will. Other failures may hide an order that rests. */
const NOT_PLACED = /^4\d\d\b| (SEQUENCER_BUSY|SEQUENCER_STOPPED|BUS_UNAVAILABLE|COMMAND_LATE)$/;

export class Flow {
  readonly #parts: FlowParts;
  readonly #operations: MixDice<OperationKind>;
  readonly #orderKinds: MixDice<OrderKind>;
  /** As many of the orders rest as will be canceled. */
  readonly #restingPart: number;
  #made = 0;
  #placed = 0;

  constructor(parts: FlowParts) {
    const { mix, orders, random } = parts;
    this.#parts = parts;
    this.#operations = new MixDice(mix, OPERATIONS, random);
    this.#orderKinds = new MixDice(orders, ORDER_KINDS, random);
    const placed = partOf(mix, 'place');
    this.#restingPart = placed > 0 ? Math.min(1, partOf(mix, 'cancel') / placed) : 1;
  }

  /** What kind of request comes next. */
  draw(): OperationKind {
    return this.#operations.draw();
  }

  /** A request of that kind, of the next trader. As long as there is nothing to cancel or to look at, an order instead. */
  next(kind: OperationKind): Request {
    const { traders, random } = this.#parts;
    const trader = traders[this.#made++ % traders.length];
    if (trader === undefined) throw new TypeError('a load needs traders');
    switch (kind) {
      case 'place':
        return this.#place(trader, random.chance(this.#restingPart) && trader.mayRest);
      case 'cancel': {
        const orderId = trader.takeWorking();
        return orderId === undefined ? this.#place(trader, true) : asking(trader, { kind, orderId });
      }
      case 'get': {
        const orderId = trader.knownAt(random.fraction());
        return orderId === undefined ? this.#place(trader, false) : asking(trader, { kind, orderId });
      }
      case 'positions':
        return asking(trader, { kind });
    }
  }

  /** What the answer means for what can be asked next. */
  heard({ operation, trader, number, isResting }: Request, answer: Answer): void {
    if (operation.kind === 'cancel' && mayStillWork(answer)) trader.rests(operation.orderId);
    if (operation.kind !== 'place') return;
    const { kind, orderId, outcome } = answer;
    if (kind === 'good' && orderId !== undefined) {
      this.#parts.ledger.add({ orderId, number, trader: this.#parts.traders.indexOf(trader) });
      trader.knows(orderId);
    }
    if (!isResting || kind === 'refused') return;
    if (orderId !== undefined)
      trader.rests(orderId); // also what is pending: 202 tells what it goes by
    else if (!NOT_PLACED.test(outcome)) trader.unheard += 1;
  }

  /** Buys and sells of a symbol take turns, so that what is held does not grow. */
  #place(trader: Trader, isResting: boolean): Request {
    const { market, run } = this.#parts;
    const number = this.#placed++;
    const { symbols } = market;
    const symbol = symbols[number % symbols.length] ?? '';
    const side: Side = Math.floor(number / symbols.length) % 2 === 0 ? 'BUY' : 'SELL';
    const isMarket = !isResting && this.#orderKinds.draw() === 'market';
    const price = isResting ? market.behind(symbol, side) : market.through(symbol, side);
    const order = {
      symbol,
      side,
      type: isMarket ? ('MARKET' as const) : ('LIMIT' as const),
      quantity: market.lot(symbol),
      price: isMarket ? undefined : price,
      clientOrderId: clientOrderIdOf(run, number),
    };
    return { operation: { kind: 'place', order }, trader, number, isResting };
  }
}

const asking = (trader: Trader, operation: Operation): Request => ({
  operation,
  trader,
  number: -1,
  isResting: false,
});

export const clientOrderIdOf = (run: string, number: number): string => `${run}-${number}`;
