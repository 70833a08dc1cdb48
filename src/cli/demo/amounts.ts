/** Exact decimals as the demo reads them from answers, reckons with them and prints them. */
import { divideHalfEven, formatFixed, SCALE } from '../../core/values/fixed-point.ts';
import { readDecimal } from '../../protocol/exact-number.ts';

/** A price, a quantity or a sum of money, in 1e-8. */
export type Amount = bigint;

/** @throws Error when an answer holds something else where an amount belongs */
export function amountOf(value: unknown): Amount {
  const amount = readDecimal(value);
  if (typeof amount !== 'bigint') throw new Error(`an answer holds ${String(value)}: ${amount}`);
  return amount;
}

/** Price times quantity, rounded half to even. */
export const worth = (price: Amount, quantity: Amount): Amount => divideHalfEven(price * quantity, SCALE);

/** The nearest multiple of `step` towards zero. */
export const toStep = (amount: Amount, step: Amount): Amount => amount - (amount % step);

/** An exact amount as a request carries it. */
export const wire = formatFixed;

/** For people: `1,234.50`, rounded half to even at `places`. */
export function shown(amount: Amount, places = 2): string {
  const unit = 10n ** BigInt(8 - places);
  const rounded = divideHalfEven(amount, unit);
  const digits = (rounded < 0n ? -rounded : rounded).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = places === 0 ? '' : `.${digits.slice(-places)}`;
  return `${rounded < 0n ? '-' : ''}${whole}${fraction}`;
}

/** With its sign, for profits and losses. */
export const signed = (amount: Amount): string => `${amount > 0n ? '+' : ''}${shown(amount)}`;

/** A count with thousands apart. */
export const counted = (count: number): string => shown(BigInt(count) * SCALE, 0);
