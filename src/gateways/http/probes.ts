/** What a supervisor asks of every node, whatever its role: is it alive, and may it be given work? */
import type { FastifyInstance } from 'fastify';
import type { Readiness } from '../../telemetry/readiness.ts';

export interface ProbeAnswer {
  readonly status: 200 | 503;
  readonly body: object;
}

/** The loop turns, or nobody would answer. */
export const LIVE: ProbeAnswer = { status: 200, body: { status: 'alive' } };

export function readyAnswer(readiness: Readiness): ProbeAnswer {
  const { reasons, notes } = readiness;
  const noted = Object.keys(notes).length === 0 ? {} : { notes };
  if (Object.keys(reasons).length === 0) return { status: 200, body: { status: 'ready', ...noted } };
  return { status: 503, body: { status: 'not ready', reasons, ...noted } };
}

/** `GET /livez` and `GET /readyz`: open to anyone and not counted. */
export function probeRoutes(app: FastifyInstance, readiness: Readiness): void {
  const options = { schema: { hide: true }, config: { access: 'unmetered' as const } };
  const serve = (path: string, answer: () => ProbeAnswer): void => {
    app.get(path, options, async (_request, reply) => {
      const { status, body } = answer();
      return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
    });
  };
  serve('/livez', () => LIVE);
  serve('/readyz', () => readyAnswer(readiness));
}
