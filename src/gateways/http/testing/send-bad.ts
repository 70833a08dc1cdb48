/** Sends what no one should, and holds the answer to what every refusal must be. */
import type { InjectOptions } from 'fastify';
import { expect } from 'vitest';
import type { SmallHouse } from './small-house.ts';

export const JSON_TYPE = { 'content-type': 'application/json' };

/** As an administrator, unless `request` says otherwise. Nothing may reach the engine. */
export async function sendBad(house: SmallHouse, request: InjectOptions) {
  const before = house.engine.submitted.length;
  const headers = { authorization: house.bearer('ADMIN'), ...request.headers };
  const response = await house.app.inject({ ...request, headers });
  const body = response.json();
  expect(house.engine.submitted.length, 'nothing reaches the engine').toBe(before);
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(response.headers['x-correlation-id']).toBe(body.correlation_id);
  expect(body).toMatchObject({
    status: response.statusCode,
    detail: expect.any(String),
    title: expect.any(String),
  });
  expect(response.body).not.toMatch(/node_modules|\.ts:\d|at Object\./);
  const errors = (body.errors ?? []) as { field: string }[];
  const fields = errors.map(({ field }) => field);
  return { status: response.statusCode, code: body.code, fields, detail: body.detail };
}
