/** Paths and methods that nobody serves: 404 or 405, as problems, with the methods that would do. */
import type { FastifyInstance } from 'fastify';
import { Fault } from '../../faults/fault.ts';
import type { HttpDeps } from './deps.ts';
import { chargeAddress } from './guard.ts';
import { answerProblem } from './problems.ts';

interface Known {
  readonly path: RegExp;
  readonly method: string;
}

/** Must be called before the routes are registered. */
export function answerUnknownRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const known: Known[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const path = new RegExp(
      `^${url
        .replaceAll('.', '\\.')
        .replace(/:[^/]+/g, '[^/]+')
        .replaceAll('*', '.*')}/?$`,
    );
    for (const one of [method].flat()) if (url !== '*') known.push({ path, method: one });
  });
  app.setNotFoundHandler((request, reply) => {
    try {
      chargeAddress(deps, request);
      const path = request.url.split('?', 1)[0] ?? '';
      const methods = known.filter((route) => route.path.test(path)).map(({ method }) => method);
      if (methods.length > 0) reply.header('allow', [...new Set(methods)].join(', '));
      throw new Fault(methods.length > 0 ? 'METHOD_UNKNOWN' : 'ROUTE_UNKNOWN');
    } catch (error) {
      answerProblem(deps, error, request, reply);
    }
  });
}
