/** Request bodies: UTF-8 JSON read strictly, up to a limit, and nothing else. */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { Fault } from '../../faults/fault.ts';
import { type Json, parseJson } from '../../protocol/json.ts';

/** Bytes. An order has about 150. */
export const BODY_MAX = 64 * 1024;

/** An absent body is undefined: whether one is needed, the route's schema says. */
function bodyOf(bytes: Buffer): Json | undefined {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new Fault('BODY_MALFORMED', 'it is not UTF-8');
  return parseJson(bytes.toString('utf8'));
}

/** Makes `app` take JSON bodies alone. */
export function takeJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, bytes, done) => {
    try {
      done(null, bodyOf(bytes));
    } catch (error) {
      done(error as Error);
    }
  });
}
