/** What a validator found wrong, as fields by name and in words for people. */
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import type { FieldError } from '../../protocol/field-fault.ts';

/** Names come from the request and may be as long as it is. */
const NAME_MAX = 64;

/** Words about words: they say that a part of the schema failed, which the part itself says better. */
const ECHOES = new Set(['if', 'anyOf', 'oneOf', 'allOf']);

/** One entry for each offending field and complaint. `context`: the part of the request, for what has no field. */
export function fieldErrorsOf(
  errors: readonly FastifySchemaValidationError[],
  context: string,
): readonly FieldError[] {
  const telling = errors.filter(({ keyword }) => !ECHOES.has(keyword));
  const empty = new Set(telling.filter(isEmptiness).map(({ instancePath }) => instancePath));
  const once = telling.filter((error) => error.keyword !== 'pattern' || !empty.has(error.instancePath));
  const told = once.length > 0 ? once : errors;
  const part = context === 'querystring' ? 'query' : context;
  return told.map((error) => ({ field: nameOf(error, part), message: messageOf(error) }));
}

/** A text of nothing: that its characters do not fit goes without saying. */
const isEmptiness = ({ keyword, params }: FastifySchemaValidationError): boolean =>
  keyword === 'minLength' && params.limit === 1;

function nameOf({ instancePath, params }: FastifySchemaValidationError, part: string): string {
  const steps = instancePath.split('/').slice(1).map(unescapeStep);
  const last = params.missingProperty ?? params.additionalProperty;
  if (typeof last === 'string') steps.push(last);
  const name = steps.map((step) => step.slice(0, NAME_MAX)).join('.');
  return name === '' ? part : name;
}

function messageOf(error: FastifySchemaValidationError): string {
  const { keyword, params, message } = error;
  if (isEmptiness(error)) return 'must not be empty';
  switch (keyword) {
    case 'type':
      return `must be ${[params.type].flat().join(' or ')}`;
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not a known field';
    case 'enum':
      return `must be one of ${(params.allowedValues as string[]).join(', ')}`;
    case 'pattern':
      return 'has characters that are not taken here';
    default:
      return message ?? 'does not validate';
  }
}

/** A step of a JSON pointer in plain text. */
const unescapeStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');
