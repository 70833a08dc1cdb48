/** A message of `orders.created`, read: the order, or in words why it is none that could be counted. */
import type { OrderCreated } from './ledger.ts';

/** Up to eight decimals, which is all that a ledger's unit can hold, and as many digits before them as anybody trades. */
const AMOUNT = /^-?\d{1,30}(\.\d{1,8})?$/;

/**
 * Never throws: what is no order must not stop those behind it. `value`: CloudEvents 1.0 in structured mode; null or
 * empty where somebody wrote a tombstone.
 */
export function readOrder(value: Buffer | null | undefined): OrderCreated | string {
  let message: unknown;
  try {
    message = JSON.parse(value?.toString('utf8') ?? '');
  } catch (error) {
    return `it is no JSON: ${String(error)}`;
  }
  const { source, id, data } = fieldsOf(message);
  const { symbol, side, quantity, price } = fieldsOf(fieldsOf(data).payload);
  if (!isText(source) || !isText(id))
    return 'it has no source and id, so nobody could tell it from its copies';
  if (!isText(symbol)) return 'it has no symbol';
  if (side !== 'BUY' && side !== 'SELL') return `its side is ${String(side)}`;
  if (!isAmount(quantity)) return `its quantity is ${String(quantity)}`;
  if (price === undefined || price === null) return { source, id, symbol, side, quantity, price: undefined };
  return isAmount(price)
    ? { source, id, symbol, side, quantity, price }
    : `its price is ${typeof price === 'string' ? price : 'no text'}`;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isAmount = (value: unknown): value is string => typeof value === 'string' && AMOUNT.test(value);

/** The members of an object; of anything else none. */
const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
