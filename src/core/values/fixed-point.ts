/** Exact money: a count of 1e-8 units in a bigint. No float enters core/; text is parsed at the doors. */
import { assert } from './assert.ts';

declare const unit: unique symbol;
type Fixed<Unit extends string> = bigint & { readonly [unit]: Unit };

/** Currency per unit, in 1e-8. May be negative: spreads and power trade below zero. */
export type Price = Fixed<'currency per unit'>;
/** Units of an instrument, in 1e-8. Never negative: the side carries the sign. */
export type Quantity = Fixed<'units'>;
/** Currency, in 1e-8. Signed: long is positive. */
export type Notional = Fixed<'currency'>;
/** Currency as the undivided product of a price and a quantity, in 1e-16: sums of it round nothing. */
export type Product = Fixed<'currency, undivided'>;

/** Places after the point that every fixed-point number has: the guide's DECIMAL(20,8). */
export const PLACES = 8;
/** One whole unit. */
export const SCALE = 100_000_000n;
/** The largest price or quantity taken from outside: it fits a signed 64-bit integer with room to spare. */
export const VALUE_MAX = 90_000_000_000n * SCALE;

/** What {@link parseFixed} may find wrong with a text. */
export type ParseFault = 'not a decimal number' | 'more than 8 decimals' | 'out of range';

const DECIMAL = /^(-?)(\d{1,20})(?:\.(\d{1,40}))?$/;

/**
 * Reads a plain decimal text (`150.5`, `-3`, `0.00000001`) exactly; exponents, signs `+`, spaces and
 * separators are refused. Trailing zeros beyond 8 places are nothing lost and are taken.
 */
export function parseFixed(text: string): bigint | ParseFault {
  const match = DECIMAL.exec(text);
  if (match === null) return 'not a decimal number';
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > PLACES) return 'more than 8 decimals';
  const magnitude = BigInt(match[2] as string) * SCALE + BigInt(fraction.padEnd(PLACES, '0'));
  if (magnitude > VALUE_MAX) return 'out of range';
  return match[1] === '-' ? -magnitude : magnitude;
}

/** Reads a decimal that our own code wrote. @throws InvariantBroken when it is none */
function fixed(text: string): bigint {
  const value = parseFixed(text);
  assert(typeof value === 'bigint', `${text}: ${value}`);
  return value;
}

/** A price from our own text. @throws InvariantBroken when it is no decimal */
export const price = (text: string): Price => fixed(text) as Price;
/** A quantity from our own text. @throws InvariantBroken when it is no decimal or negative */
export function quantity(text: string): Quantity {
  const value = fixed(text);
  assert(value >= 0n, 'a quantity is never negative');
  return value as Quantity;
}
/** A notional from our own text. @throws InvariantBroken when it is no decimal */
export const notional = (text: string): Notional => fixed(text) as Notional;

/** The shortest exact decimal text: `150.5`, `-0.00000001`, `3`. */
export function formatFixed(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const sign = value < 0n ? '-' : '';
  const whole = magnitude / SCALE;
  const fraction = magnitude % SCALE;
  if (fraction === 0n) return `${sign}${whole}`;
  return `${sign}${whole}.${fraction.toString().padStart(PLACES, '0').replace(/0+$/, '')}`;
}

/** The undivided worth of `units` at `at`: exact, in 1e-16. `units` may be signed. */
export const productOf = (at: Price, units: bigint): Product => (at * units) as Product;

/** An undivided product as currency, rounded away from zero: a limit check may overstate, never understate. */
export function outward(product: Product): Notional {
  const push = product < 0n ? 1n - SCALE : SCALE - 1n;
  return ((product + push) / SCALE) as Notional;
}

/** An undivided product as currency, rounded half to even: for reports, where a bias would add up. */
export function nearest(product: Product): Notional {
  return divideHalfEven(product, SCALE) as Notional;
}

/** The price at which `units` cost `cost`, rounded half to even. @throws InvariantBroken when `units` is not positive */
export function averagePrice(cost: Product, units: Quantity): Price {
  assert(units > 0n, 'an average needs a quantity');
  return divideHalfEven(cost, units) as Price;
}

/** `dividend / divisor` rounded to the nearest, ties to even. `divisor` must be positive. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = 2n * (dividend % divisor);
  const distance = twice < 0n ? -twice : twice;
  const isBeyond = distance > divisor || (distance === divisor && (quotient & 1n) === 1n);
  if (!isBeyond) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}

/** The magnitude of a signed number. */
export const magnitudeOf = (value: bigint): bigint => (value < 0n ? -value : value);
