/** Orders as the doors of an API node make them, for traders whose accounts are spread over the shards. */
import { uuidv7 } from 'uuidv7';
import type { PlaceOrder } from '../../src/core/commands.ts';
import { price } from '../../src/core/values/fixed-point.ts';
import type {
  AccountId,
  ClientOrderId,
  CorrelationId,
  OrderId,
  Ticker,
  UserId,
} from '../../src/core/values/names.ts';
import { Fault } from '../../src/faults/fault.ts';
import type { Firm } from '../../src/firm/firm.ts';
import { TRADERS } from '../../stack/users.ts';
import { ONE_LOT } from '../core/floor.ts';
import { SYMBOLS } from '../http/requests.ts';

/** Far beyond any quote, so that every order is filled at once. */
const PRICES = { BUY: price('900.50'), SELL: price('50.25') };

/** Orders committed for `callers` until `endsAt` (on the monotonic clock, milliseconds); each in its turn of the traders. */
export async function placeAll(firm: Firm, callers: number, endsAt: number): Promise<number> {
  let orders = 0;
  const begun = Date.now();
  const call = async (_: unknown, caller: number): Promise<void> => {
    const { username, account } = TRADERS[caller % TRADERS.length] ?? { username: '', account: '' };
    const shard = await firm.shardOf(account as AccountId);
    for (let n = caller; performance.now() < endsAt; n += 1) {
      const id = `c${begun}-${caller}-${n}` as ClientOrderId;
      const place = orderOf(n, username as UserId, account as AccountId, id);
      if (await isAccepted(firm, shard, place)) orders += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return orders;
}

/** False: nobody answered in time. @throws Error when it was refused */
async function isAccepted(firm: Firm, shard: string, place: PlaceOrder): Promise<boolean> {
  const { correlationId, user } = place.order;
  const by = { user, origin: '127.0.0.1', correlationId, reason: undefined };
  try {
    const { events } = await firm.submit(shard, place, by);
    if (events.some(({ type }) => type === 'OrderAccepted')) return true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'COMMAND_IN_DOUBT') return false;
    throw error;
  }
  throw new Error('an order was refused');
}

function orderOf(n: number, user: UserId, account: AccountId, clientOrderId: ClientOrderId): PlaceOrder {
  const side = Math.floor(n / SYMBOLS.length) % 2 === 0 ? 'BUY' : 'SELL';
  const order = {
    orderId: uuidv7() as OrderId,
    correlationId: uuidv7() as CorrelationId,
    user,
    account,
    ticker: (SYMBOLS[n % SYMBOLS.length] ?? 'AAPL') as Ticker,
    side,
    type: 'LIMIT',
    quantity: ONE_LOT,
    price: PRICES[side],
    strategy: 'default',
    clientOrderId,
  } as const;
  return { type: 'PlaceOrder', order, quote: undefined };
}
