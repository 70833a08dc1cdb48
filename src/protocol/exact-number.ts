/** JSON numbers without loss: a number that no double holds exactly keeps the text it was written in. */
import { type ParseFault, parseFixed, SCALE } from '../core/values/fixed-point.ts';

/** A JSON number whose value a double would change. */
export class ExactNumber {
  /** As it stood in the body; a legal JSON number. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A decimal as a request may carry it. A string is taken exactly, and is a plain decimal without exponent. */
export type DecimalInput = number | string | ExactNumber;

/** Up to this many characters a plain decimal has at most 15 digits, and every double gives those back. */
const SAFE_LENGTH = 15;
/** Digits before the point that a plain text is written out to; more is beyond any range we take. */
const WHOLE_DIGITS_MAX = 20;
/** Decimals that a plain text is written out to; more is beyond any instrument. */
const DECIMALS_MAX = 30;

/** `digits` times ten to the power of `exponent`; `digits` has no zero at either end, and zero is ''. */
interface Scientific {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Takes a legal JSON number apart. */
function scientific(text: string): Scientific {
  const [, sign, whole = '', fraction = '', power = '0'] = NUMBER.exec(text) ?? [];
  const leading = (whole + fraction).replace(/^0+/, '');
  const digits = leading.replace(/0+$/, '');
  const exponent = digits === '' ? 0 : Number(power) - fraction.length + leading.length - digits.length;
  return { isNegative: sign === '-' && digits !== '', digits, exponent };
}

/** A number that has `text`'s exact value: a double where one gives the same digits back, else the text itself. */
export function numberOf(text: string): number | ExactNumber {
  const value = Number(text);
  if (text.length <= SAFE_LENGTH && !/[eE]/.test(text)) return value;
  if (!Number.isFinite(value)) return new ExactNumber(text);
  const asked = scientific(text);
  const held = scientific(String(value));
  const isSame =
    asked.digits === held.digits && asked.exponent === held.exponent && asked.isNegative === held.isNegative;
  return isSame ? value : new ExactNumber(text);
}

/** Reads a number of any size without writing its zeros out, unless there are few. */
function readScientific({ isNegative, digits, exponent }: Scientific): bigint | ParseFault {
  if (digits === '') return 0n;
  if (digits.length + exponent > WHOLE_DIGITS_MAX) return 'out of range';
  if (exponent < -DECIMALS_MAX) return 'more than 8 decimals';
  const sign = isNegative ? '-' : '';
  if (exponent >= 0) return parseFixed(`${sign}${digits}${'0'.repeat(exponent)}`);
  const padded = digits.padStart(1 - exponent, '0');
  return parseFixed(`${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`);
}

/** Below this magnitude doubles lie closer together than 1e-8, so each decimal of 8 places has one of its own. */
const CERTAIN_MAX = 10_000_000;
const UNITS = Number(SCALE);

/** The exact value of a double that came of a decimal text. */
function readDouble(value: number): bigint | ParseFault {
  if (!Number.isFinite(value)) return 'not a decimal number';
  if (value < CERTAIN_MAX && value > -CERTAIN_MAX) {
    const units = Math.round(value * UNITS);
    if (units / UNITS === value) return BigInt(units); // the same double: so this is the decimal that was written
  }
  return readScientific(scientific(String(value)));
}

/** The exact value of a request's decimal in 1e-8, or what is wrong with it. */
export function readDecimal(input: unknown): bigint | ParseFault {
  switch (typeof input) {
    case 'number':
      return readDouble(input);
    case 'string':
      return parseFixed(input);
    default:
      return input instanceof ExactNumber ? readScientific(scientific(input.text)) : 'not a decimal number';
  }
}
