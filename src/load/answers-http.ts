/** What an HTTP response says of the request: done, refused or failed, by its status and the code or word in its body. */
import type { HttpResponse } from './response-http.ts';
import type { Answer, AnswerKind, Operation } from './transport.ts';

/** Understood, and no: by a risk rule, or since the order was finished first. */
const REFUSALS: ReadonlySet<string> = new Set([
  'ORDER_NOT_WORKING',
  'CLIENT_ORDER_ID_DUPLICATE',
  'CLIENT_ORDER_ID_CONFLICT',
]);

interface Body {
  readonly order_id?: unknown;
  readonly client_order_id?: unknown;
  readonly status?: unknown;
  readonly code?: unknown;
  readonly violations?: readonly { readonly rule?: unknown }[];
}

export function answerIn(operation: Operation, { status, body }: HttpResponse): Answer {
  if (status === 200 && operation.kind === 'positions') return plain('good', '200');
  const said = bodyIn(body);
  const orderId = textOf(said.order_id);
  const clientOrderId = textOf(said.client_order_id);
  if (status === 200) {
    const word = operation.kind === 'get' ? undefined : textOf(said.status);
    const isRejected = operation.kind === 'place' && word === 'REJECTED';
    const rule = isRejected ? textOf(said.violations?.[0]?.rule) : undefined;
    const kind = isRejected ? 'refused' : said === NOTHING ? 'failed' : 'good';
    return { kind, outcome: joined('200', word, rule), orderId, clientOrderId };
  }
  const code = textOf(said.code) ?? (status === 202 ? 'PENDING' : undefined);
  const kind = code !== undefined && REFUSALS.has(code) ? 'refused' : 'failed';
  return { kind, outcome: joined(String(status), code), orderId, clientOrderId };
}

/** No answer: `why` says what came instead. */
export const noAnswer = (why: string): Answer => plain('failed', why);

const plain = (kind: AnswerKind, outcome: string): Answer => ({
  kind,
  outcome,
  orderId: undefined,
  clientOrderId: undefined,
});

const NOTHING: Body = {};

/** A proxy's own answer is no JSON: it has neither code nor word. */
function bodyIn(body: Buffer): Body {
  try {
    const said: unknown = JSON.parse(body.toString());
    return typeof said === 'object' && said !== null ? said : NOTHING;
  } catch {
    return NOTHING;
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const joined = (...words: readonly (string | undefined)[]): string =>
  words.filter((word) => word !== undefined).join(' ');
