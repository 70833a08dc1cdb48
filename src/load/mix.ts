/** What share of the requests is what: weights by name, and dice that keep to them. */
import { Fault } from '../faults/fault.ts';
import type { Random } from '../market-data/random.ts';

export const OPERATIONS = ['place', 'cancel', 'get', 'positions'] as const;
export type OperationKind = (typeof OPERATIONS)[number];

export const ORDER_KINDS = ['limit', 'market'] as const;
export type OrderKind = (typeof ORDER_KINDS)[number];

export type Mix<Name extends string> = Readonly<Partial<Record<Name, number>>>;

/** A working desk: mostly orders, some taken back, some looked at. */
export const USUAL_MIX: Mix<OperationKind> = { place: 80, cancel: 10, get: 5, positions: 5 };
export const USUAL_ORDERS: Mix<OrderKind> = { limit: 90, market: 10 };

/** `place=80,cancel=10`: weights, which need not come to 100. @throws Fault ARGUMENT_INVALID */
export function readMix<Name extends string>(text: string, names: readonly Name[]): Mix<Name> {
  const mix: Partial<Record<Name, number>> = {};
  for (const part of text.split(',')) {
    const [word, weight = ''] = part.split('=');
    const name = names.find((one) => one === word);
    if (name === undefined || !/^\d+(\.\d+)?$/.test(weight) || mix[name] !== undefined) {
      throw new Fault('ARGUMENT_INVALID', `a mix is ${names.map((one) => `${one}=N`).join(',')}: ${text}`);
    }
    mix[name] = Number(weight);
  }
  if (names.every((name) => (mix[name] ?? 0) === 0)) {
    throw new Fault('ARGUMENT_INVALID', `a mix has something in it: ${text}`);
  }
  return mix;
}

/** `name`'s part of the whole, 0 to 1. */
export function partOf<Name extends string>(mix: Mix<Name>, name: Name): number {
  const weights = Object.values<number | undefined>(mix);
  return (mix[name] ?? 0) / weights.reduce<number>((sum, weight) => sum + (weight ?? 0), 0);
}

/** Draws a name, each as often as its weight says. */
export class MixDice<Name extends string> {
  readonly #upTo: readonly (readonly [Name, number])[];
  readonly #random: Random;

  constructor(mix: Mix<Name>, names: readonly Name[], random: Random) {
    const drawn = names.filter((name) => partOf(mix, name) > 0);
    this.#upTo = drawn.map((name, i) => {
      const before = drawn.slice(0, i + 1).reduce((sum, one) => sum + partOf(mix, one), 0);
      return [name, before] as const;
    });
    this.#random = random;
  }

  draw(): Name {
    const at = this.#random.fraction();
    const last = this.#upTo.at(-1);
    const found = this.#upTo.find(([, upTo]) => at < upTo) ?? last; // weights may sum to a hair below 1
    if (found === undefined) throw new TypeError('a mix has something in it');
    return found[0];
  }
}
