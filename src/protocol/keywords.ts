/** Words that JSON Schema lacks: exact decimals, numbers and booleans in a query's text, a price that goes with a type. */
import { type TSchema, type TUnsafe, Type } from 'typebox';
import { type DecimalInput, readDecimal } from './exact-number.ts';

/** What a decimal field takes: more than zero, or zero too. Both end at 90,000,000,000 and at 8 decimals. */
export type DecimalRule = 'positive' | 'notNegative';
export interface IntegerRule {
  readonly minimum: number;
  readonly maximum: number;
}

/** A money, price or quantity field of a request: JSON number or decimal string. */
export const Decimal = (decimal: DecimalRule, options: TSchema = {}): TUnsafe<DecimalInput> =>
  Type.Unsafe<DecimalInput>({ decimal, ...options });
/** A whole number in a query. */
export const QueryInteger = (queryInteger: IntegerRule, options: TSchema = {}): TUnsafe<string> =>
  Type.Unsafe<string>({ queryInteger, ...options });
/** A boolean in a query: `true`, `false`, `1` or `0`, in any case. */
export const QueryBoolean = (options: TSchema = {}): TUnsafe<string> =>
  Type.Unsafe<string>({ queryBoolean: true, ...options });

const DECIMAL_COMPLAINTS: Readonly<Record<DecimalRule, string>> = {
  positive: 'must be greater than 0',
  notNegative: 'must not be negative',
};

/** What is wrong with `input` as a decimal; undefined when nothing is. */
export function decimalComplaint(rule: DecimalRule, input: unknown): string | undefined {
  const value = readDecimal(input);
  switch (value) {
    case 'not a decimal number':
      return 'must be a plain decimal number, as a JSON number or a string';
    case 'more than 8 decimals':
      return 'must have at most 8 decimals';
    case 'out of range':
      return 'must be within ±90000000000';
    default:
      if (value > 0n || (value === 0n && rule === 'notNegative')) return undefined;
      return DECIMAL_COMPLAINTS[rule];
  }
}

const WHOLE = /^\d{1,15}$/;

function integerComplaint({ minimum, maximum }: IntegerRule, input: unknown): string | undefined {
  const value = typeof input === 'string' && WHOLE.test(input) ? Number(input) : Number.NaN;
  if (value >= minimum && value <= maximum) return undefined;
  return `must be a whole number from ${minimum} to ${maximum}`;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** The boolean that a query's text spells; undefined where it spells none. */
export const queryBoolean = (text: string): boolean | undefined => BOOLEANS.get(text.toLowerCase());

function booleanComplaint(_rule: true, input: unknown): string | undefined {
  const isBoolean = typeof input === 'string' && queryBoolean(input) !== undefined;
  return isBoolean ? undefined : 'must be true or false';
}

/** On an order's schema: a limit order has a price and a market order none. */
export const PRICE_BY_TYPE = 'priceByType';

function priceComplaint(_rule: true, order: unknown): string | undefined {
  if (typeof order !== 'object' || order === null || Array.isArray(order)) return undefined;
  const { type = 'LIMIT', price } = order as Partial<Record<string, unknown>>;
  if (type === 'MARKET' && price !== undefined) return 'a MARKET order takes no price';
  if (type === 'LIMIT' && price === undefined) return 'a LIMIT order needs a price';
  return undefined;
}

/** What Ajv calls with a field's value; it looks for what is wrong in `errors`. */
interface Check {
  (data: unknown): boolean;
  errors?: { keyword: string; message: string; params: { missingProperty?: string } }[];
}

/** An Ajv keyword that holds a value to `complaintOf`. `property`: which one of the value's own the complaint is of. */
function keywordOf<Rule>(
  keyword: string,
  complaintOf: (rule: Rule, input: unknown) => string | undefined,
  property?: string,
) {
  const params = property === undefined ? {} : { missingProperty: property };
  const compile = (rule: Rule): Check => {
    const check: Check = (data) => {
      const message = complaintOf(rule, data);
      if (message === undefined) return true;
      check.errors = [{ keyword, message, params }];
      return false;
    };
    return check;
  };
  return { keyword, errors: true, compile };
}

/** For Ajv's `keywords` option. */
export const KEYWORDS = [
  keywordOf('decimal', decimalComplaint),
  keywordOf('queryInteger', integerComplaint),
  keywordOf('queryBoolean', booleanComplaint),
  keywordOf(PRICE_BY_TYPE, priceComplaint, 'price'),
];

const PLAIN_PRICE = {
  if: { properties: { type: { const: 'MARKET' } }, required: ['type'] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
  then: { properties: { price: false } },
  else: { required: ['price'] },
};

/** What the keywords say in plain JSON Schema: what OpenAPI shows in their place. */
function plainOf(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { decimal, queryInteger, queryBoolean: isBoolean, [PRICE_BY_TYPE]: isPriced, ...rest } = schema;
  if (isPriced !== undefined) return { ...rest, ...PLAIN_PRICE };
  if (decimal !== undefined) {
    const bound = decimal === 'positive' ? { exclusiveMinimum: 0 } : { minimum: 0 };
    const pattern = '^\\d{1,20}(\\.\\d{1,8}0*)?$';
    return { type: ['number', 'string'], ...bound, pattern, ...rest };
  }
  if (queryInteger !== undefined) {
    const filled = rest.default === undefined ? {} : { default: Number(rest.default) };
    return { type: 'integer', ...queryInteger, ...rest, ...filled };
  }
  if (isBoolean !== undefined) return { type: 'boolean', ...rest };
  return rest;
}

/** A copy of `schema` in which every keyword of ours is plain JSON Schema. */
export function plainSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plainSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.entries(schema).map(([key, value]) => [key, plainSchema(value)]);
  return plainOf(Object.fromEntries(copy));
}
