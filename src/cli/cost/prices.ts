/** The operator's own price list: what a unit of each thing costs where the platform is to run. */
import { Fault } from '../../faults/fault.ts';

export interface PriceList {
  /** As it is to stand in the bill: `USD`, `EUR`. */
  readonly currency: string;
  /** A virtual core, for an hour. */
  readonly coreHour: number;
  /** A gigabyte of memory, for an hour. */
  readonly memoryGbHour: number;
  /** A gigabyte of fast disk, for a month. */
  readonly diskGbMonth: number;
  /** A gigabyte of object storage, for a month. */
  readonly objectGbMonth: number;
  /** A gigabyte from one zone to another. */
  readonly betweenZonesGb: number;
  /** A gigabyte out of the house. */
  readonly outGb: number;
}

type Price = Exclude<keyof PriceList, 'currency'>;

/** By the names that the file has: snake_case, as on the wire. */
const NAMES: Readonly<Record<Price, string>> = {
  coreHour: 'core_hour',
  memoryGbHour: 'memory_gb_hour',
  diskGbMonth: 'disk_gb_month',
  objectGbMonth: 'object_gb_month',
  betweenZonesGb: 'between_zones_gb',
  outGb: 'out_gb',
};
const PRICES = Object.keys(NAMES) as readonly Price[];
const ALLOWED = ['note', 'currency', ...Object.values(NAMES)];

/** Reads a price list. @throws Fault ARGUMENT_INVALID, naming all that is wrong with it */
export function priceListFrom(text: string): PriceList {
  const given = parsed(text);
  const prices = Object.fromEntries(PRICES.map((price) => [price, given[NAMES[price]]]));
  const wrong = [
    ...PRICES.filter((price) => !isPrice(prices[price])).map((price) => `${NAMES[price]} is no price`),
    ...(isName(given.currency) ? [] : ['currency is missing']),
    ...Object.keys(given)
      .filter((name) => !ALLOWED.includes(name))
      .map((name) => `${name} is not known`),
  ];
  if (wrong.length > 0) throw new Fault('ARGUMENT_INVALID', `the price list: ${wrong.join('; ')}`);
  return { ...prices, currency: given.currency } as PriceList;
}

const isPrice = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isName = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {}
  throw new Fault('ARGUMENT_INVALID', 'the price list is no JSON object');
}
