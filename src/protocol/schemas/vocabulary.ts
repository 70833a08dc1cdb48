/** Pieces that several schemas share, and the problem document every error is. */
import { type TUnsafe, Type } from 'typebox';

type Words = { readonly description?: string };

/** A reference to a schema of that `$id`. */
export const refTo = <T = unknown>(id: string): TUnsafe<T> => Type.Unsafe<T>({ $ref: `${id}#` });

/** An amount, price or quantity in a response: a JSON number that prints the exact decimal. */
export const Exact = (words: Words = {}) => Type.Number(words);
export const ExactOrNull = (words: Words = {}) => Type.Union([Type.Number(), Type.Null()], words);

export const Uuid = Type.String({ format: 'uuid' });
export const Timestamp = Type.String({
  description: 'ISO 8601 in UTC with microseconds',
  examples: ['2026-01-30T14:30:00.123456Z'],
});

/** Text for people: no control characters, so that it can stand in a log line. */
export const printable = (
  maxLength: number,
  options: Words & { default?: string; minLength?: number } = {},
) => Type.String({ maxLength, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$', ...options });

/** `correlation_id` and `timestamp`, as answers carry them. */
export const Answered = { correlation_id: Uuid, timestamp: Timestamp };

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'urn:itirp:fault: and the code' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'Names the fault; docs/faults.md lists them all' }),
    correlation_id: Uuid,
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), message: Type.String() }), {
        description: 'Every offending field',
      }),
    ),
    errors_total: Type.Optional(Type.Integer({ description: 'How many there are; at most 100 are listed' })),
    order_id: Type.Optional(Type.String({ description: 'The order that had the client_order_id first' })),
    components: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'What is operational and what is not' }),
    ),
  },
  { $id: 'Problem', description: 'RFC 9457 problem details' },
);

const PROBLEMS: Readonly<Record<number, string>> = {
  401: 'No, an invalid or an expired token, or wrong credentials',
  403: 'Your role does not allow it',
  404: 'Unknown',
  409: 'In conflict with what stands',
  413: 'The body is over the limit',
  415: 'Only application/json is taken',
  422: 'Body or query does not validate',
  429: 'Too many requests; see Retry-After',
  503: 'Not ready; see Retry-After',
};

/** `202` for what was sent and not answered in time, or is done in part: the answer of `200`, PENDING or with gaps. */
export const inDoubt = (id: string): Record<number, unknown> => ({
  202: {
    description: 'Sent, and not known yet to be carried out whole',
    content: { 'application/json': { schema: refTo(id) } },
  },
});

/** What a route that reads a body may answer beside its own problems: too large, not JSON, not valid. */
export const BODY_PROBLEMS = [413, 415, 422] as const;

/** Responses for `schema.response`: the problem document under each status. */
export function problems(...statuses: readonly number[]): Record<number, unknown> {
  const content = { 'application/problem+json': { schema: refTo('Problem') } };
  return Object.fromEntries(
    statuses.map((status) => [status, { description: PROBLEMS[status] ?? 'Problem', content }]),
  );
}
