/** JSON built as text, so that money goes in as an exact decimal: no float and no quoted number comes near it. */
import { formatDecimal, formatProduct } from '../protocol/decimal-text.ts';

declare const token: unique symbol;
/** Well-formed JSON text. */
export type JsonText = string & { readonly [token]: 'json' };

/** Undefined fields are left out. */
export type Fields = Readonly<Record<string, JsonText | undefined>>;

/** A whole number: a count or a position. */
export const integer = (value: number): JsonText => `${value}` as JsonText;
export const flag = (value: boolean): JsonText => (value ? 'true' : 'false') as JsonText;
/** A fixed-point value as its shortest exact decimal. */
export const decimal = (value: bigint): JsonText => formatDecimal(value) as JsonText;
export const decimalOr = (value: bigint | undefined): JsonText | undefined =>
  value === undefined ? undefined : decimal(value);

/** An undivided product (1e-16) as its shortest exact decimal. */
export const product = (value: bigint): JsonText => formatProduct(value) as JsonText;

/** Text that needs no escape, neither in JSON nor in COPY: nearly all there is. */
export const PLAIN = /^[\w .,:;@/+()-]*$/;

export const words = (value: string): JsonText =>
  (PLAIN.test(value) ? `"${value}"` : JSON.stringify(storable(value))) as JsonText;
export const wordsOr = (value: string | undefined): JsonText | undefined =>
  value === undefined ? undefined : words(value);

export const list = (values: readonly JsonText[]): JsonText => `[${values.join(',')}]` as JsonText;

/** Keys must need no escaping: they are our own. */
export const object = (fields: Fields): JsonText => `{${members(fields)}}` as JsonText;

/** An object of `fields` and of members that were put together before. */
export function objectWith(fields: Fields, more: string): JsonText {
  const own = members(fields);
  return `{${own}${own === '' || more === '' ? '' : ','}${more}}` as JsonText;
}

/** What stands between an object's braces. */
export function members(fields: Fields): string {
  let body = '';
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) body += body === '' ? `"${key}":${value}` : `,"${key}":${value}`;
  }
  return body;
}

/**
 * `value` as PostgreSQL can keep it: it has no place for NUL or half a surrogate pair, and one such character from
 * outside must not stop the views for good.
 */
export const storable = (value: string): string =>
  value.isWellFormed() && !value.includes('\0') ? value : value.toWellFormed().replaceAll('\0', '\uFFFD');

/** A number as it stood in the text; JSON.parse gives it to its reviver as the third argument. (ES2026.) */
type Reviver = (
  this: unknown,
  key: string,
  value: unknown,
  context?: { readonly source?: string },
) => unknown;

/** Keeps a decimal that no double holds as its own text: it prints as it was written. */
const exactly: Reviver = (_key, value, context) => {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
  return JSON.rawJSON(source);
};

/** Parses a JSON object so that JSON.stringify gives every number back exactly as it stood. */
export const parseExact = (text: string): Readonly<Record<string, unknown>> =>
  JSON.parse(text, exactly as Parameters<typeof JSON.parse>[1]) as Record<string, unknown>;
