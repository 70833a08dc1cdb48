/** A client of the v1 contract: asks as someone, and holds every answer to the schema that OpenAPI names for it. */
import { Errors } from 'typebox/schema';
import { expect } from 'vitest';
import { price } from '../../../core/values/fixed-point.ts';
import type { SmallHouse } from './small-house.ts';

export type Who = Parameters<SmallHouse['bearer']>[0];
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
/** A good order. */
export const ORDER = { symbol: 'AAPL', side: 'BUY', quantity: 100, price: 150.5 };

/** A venue's fill. */
export const filled = (units: string, at: string) =>
  ({ kind: 'filled', executionId: `X${units}`, quantity: price(units), price: price(at) }) as never;

export class Client {
  readonly #house: SmallHouse;

  constructor(house: SmallHouse) {
    this.#house = house;
  }

  async ask(who: Who, method: Method, url: string, payload?: object) {
    const request = { method, url, headers: { authorization: this.#house.bearer(who) } } as const;
    const response = await this.#house.app.inject(payload === undefined ? request : { ...request, payload });
    const { statusCode: status, body: text, headers } = response;
    const body = response.json();
    this.#holdToSchema(method, url.split('?', 1)[0] ?? '', status, body);
    return { status, text, body, headers };
  }

  /** The answer to a good order, but for `changes`. */
  async place(changes: object = {}, who: Who = 'TRADER') {
    return (await this.ask(who, 'POST', '/api/v1/orders', { ...ORDER, ...changes })).body;
  }

  /** Is the answer what OpenAPI says it is, with no field that it does not name? */
  #holdToSchema(method: string, url: string, status: number, body: object): void {
    const { app } = this.#house;
    const document = app.swagger();
    const paths = document.paths as Record<string, Record<string, Answers | undefined>>;
    const path = Object.keys(paths).find((one) =>
      new RegExp(`^${one.replaceAll(/\{[^}]+\}/g, '[^/]+')}/?$`).test(url),
    );
    const answer = paths[path ?? '']?.[method.toLowerCase()]?.responses[status];
    const $ref = Object.values(answer?.content ?? {})[0]?.schema.$ref ?? 'nothing';
    const [isValid, errors] = Errors({ ...document, $ref }, body);
    expect(errors, `${method} ${url} answers ${status} with ${$ref}`).toEqual([]);
    expect(isValid).toBe(true);
    const { properties } = app.getSchema($ref.split('/').at(-1) ?? '') as { properties: object };
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(body)));
  }
}

interface Answers {
  readonly responses: Readonly<
    Record<string, { content: Record<string, { schema: { $ref: string } }> } | undefined>
  >;
}
