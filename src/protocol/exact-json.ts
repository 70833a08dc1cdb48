/** Decimals on their way out: JSON numbers that print the exact decimal, never a double's idea of it. */
import { formatFixed, nearest, type Product } from '../core/values/fixed-point.ts';

declare global {
  interface JSON {
    /** A value that JSON.stringify prints as `text`, unquoted. (ES2026; the compiler's library has it not yet.) */
    rawJSON(text: string): ExactJson;
  }
}

/** Prints as a JSON number when stringified. */
export interface ExactJson {
  readonly rawJSON: string;
}

/** A fixed-point number (1e-8) as an exact JSON number; undefined prints as null. */
export function exactJson(value: bigint): ExactJson;
export function exactJson(value: bigint | undefined): ExactJson | null;
export function exactJson(value: bigint | undefined): ExactJson | null {
  return value === undefined ? null : JSON.rawJSON(formatFixed(value));
}

/** An undivided amount (1e-16) as a JSON number, rounded half to even at 8 decimals. */
export const amountJson = (product: Product): ExactJson => exactJson(nearest(product));
