/** Exact decimals to and from the text that PostgreSQL's NUMERIC speaks: bigint on our side, never a float. */
import { assert } from '../core/values/assert.ts';

import { formatFixed, SCALE } from '../core/values/fixed-point.ts';

/** Below this many units a count is exact in a plain integer, which formats in a fraction of the time. */
const PLAIN_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const UNIT = Number(SCALE);

/** {@link formatFixed}, faster for what is small: tens of decimals go into an order's rows. */
export function formatDecimal(value: bigint): string {
  if (value < 0n || value > PLAIN_MAX) return formatFixed(value);
  const count = Number(value);
  const fraction = count % UNIT;
  const whole = (count - fraction) / UNIT;
  if (fraction === 0) return `${whole}`;
  const digits = `${fraction + UNIT}`; // a 1 before the eight places, zeros kept
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === ZERO) end--;
  return `${whole}.${digits.slice(1, end)}`;
}
const ZERO = 0x30;

/** Decimals of an undivided product (price times quantity). */
export const PRODUCT_PLACES = 16;
const PRODUCT_SCALE = 10n ** BigInt(PRODUCT_PLACES);

/** The shortest exact decimal text of an undivided product, which counts 1e-16. */
export function formatProduct(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const sign = value < 0n ? '-' : '';
  const fraction = magnitude % PRODUCT_SCALE;
  if (fraction === 0n) return `${sign}${magnitude / PRODUCT_SCALE}`;
  const digits = fraction.toString().padStart(PRODUCT_PLACES, '0').replace(/0+$/, '');
  return `${sign}${magnitude / PRODUCT_SCALE}.${digits}`;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** A NUMERIC's text as a count of 10^-places. @throws InvariantBroken when it has more decimals */
export function parseDecimal(text: string, places: number): bigint {
  const [, sign, whole = '', fraction = ''] = DECIMAL.exec(text) ?? [];
  assert(whole !== '' && fraction.length <= places, `${text} has at most ${places} decimals`);
  const magnitude = BigInt(whole + fraction.padEnd(places, '0'));
  return sign === '-' ? -magnitude : magnitude;
}
