/** The HTTP door, put together: limits, guard, strict bodies, problems, and one file of routes a family. */
import fastifyCors from '@fastify/cors';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { Fault } from '../../faults/fault.ts';
import { KEYWORDS } from '../../protocol/keywords.ts';
import { CATALOGUE } from '../../protocol/schemas/catalogue.ts';
import { BODY_MAX, takeJsonOnly } from './body.ts';
import type { HttpDeps } from './deps.ts';
import { Freshness } from './freshness.ts';
import { guardRoutes } from './guard.ts';
import { describeRoutes, openApiRoute } from './openapi.ts';
import { probeRoutes } from './probes.ts';
import { answerProblem } from './problems.ts';
import { traceRequests } from './request-spans.ts';
import { correlationIdOf } from './requests.ts';
import { auditRoutes } from './routes/audit.ts';
import { authRoutes } from './routes/auth.ts';
import { cancelRoutes } from './routes/cancels.ts';
import { limitRoutes } from './routes/limits.ts';
import { marketRoutes } from './routes/market.ts';
import { orderViewRoutes } from './routes/order-views.ts';
import { orderRoutes } from './routes/orders.ts';
import { riskRoutes } from './routes/risk.ts';
import { systemRoutes } from './routes/system.ts';
import {
  answerBrokenRequest,
  hangUpOnSilence,
  KEEP_ALIVE_MS,
  REQUEST_TIMEOUT_MS,
  SOCKET_LIMITS,
} from './sockets.ts';
import { answerUnknownRoutes } from './unknown-routes.ts';

/** The server, not listening yet. `close()` answers what is under way and turns the rest away. */
export function buildHttp(deps: HttpDeps): FastifyInstance {
  const app = bareApp(deps);
  for (const schema of CATALOGUE) app.addSchema(schema);
  takeJsonOnly(app);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data)); // exact decimals print themselves
  app.setErrorHandler((error, request, reply) => answerProblem(deps, error, request, reply));
  deps.figures?.follow(app);
  welcome(app, deps);
  traceRequests(app, deps.tracing);
  hangUpOnSilence(app);
  guardRoutes(app, deps);
  answerUnknownRoutes(app, deps);
  allowOrigins(app, deps.allowedOrigins);
  describeRoutes(app, deps.version);

  const freshness = new Freshness(deps.firm, deps.reads, deps.written);
  app.register(async (routes) => {
    authRoutes(routes, deps);
    orderRoutes(routes, deps, freshness);
    cancelRoutes(routes, deps, freshness);
    orderViewRoutes(routes, deps, freshness);
    limitRoutes(routes, deps, freshness);
    riskRoutes(routes, deps, freshness);
    marketRoutes(routes, deps);
    auditRoutes(routes, deps, freshness);
    systemRoutes(routes, deps, freshness);
    probeRoutes(routes, deps.readiness);
    openApiRoute(routes);
  });
  return app;
}

/** Our proxy is who connects to us: the client is who came to it. What stands before that is the client's own word. */
const isNextToUs = (_address: string, hop: number): boolean => hop === 0;

function bareApp(deps: HttpDeps): FastifyInstance {
  const { certificate } = deps;
  const options = optionsOf(deps);
  if (certificate === undefined) return fastify({ ...options, http: SOCKET_LIMITS });
  const app = fastify({ ...options, https: { ...SOCKET_LIMITS, ...certificate.options } });
  certificate.serve(app.server);
  return app as unknown as FastifyInstance; // behind TLS it is the same door
}

const optionsOf = (deps: HttpDeps) =>
  ({
    logger: false, // no line for each request: what matters is in the journal, what fails in our own log
    trustProxy: deps.trustProxy && isNextToUs,
    bodyLimit: BODY_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // we say it ourselves, as a problem
    genReqId: (request) => correlationIdOf(request.headers['x-correlation-id']),
    routerOptions: { ignoreTrailingSlash: true },
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        allErrors: true,
        allowUnionTypes: true, // string or null
        keywords: KEYWORDS,
      },
    },
    frameworkErrors: (error, request, reply) => {
      answerProblem(deps, error, request, reply);
      deps.figures?.countUnmatched(request.method, reply.statusCode);
    },
    clientErrorHandler: (error, socket) => {
      const status = answerBrokenRequest(error, socket);
      if (status !== undefined) deps.figures?.countUnmatched('none', status);
    },
  }) satisfies FastifyServerOptions;

/** What every answer tells a browser: it is data, for nobody to frame, sniff, keep or run. */
const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

/** Only where it came over TLS, here or in front of us: over plain HTTP a server must not send it (RFC 6797, 7.2). */
const STRICT_TRANSPORT = 'max-age=31536000; includeSubDomains';

/** Before everything else: note the time, name the conversation, and turn away who comes while we close. */
function welcome(app: FastifyInstance, { readiness }: HttpDeps): void {
  let isClosing = false;
  app.decorateRequest('arrivedAtMs', 0);
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onRequest', (request, reply, done) => {
    request.arrivedAtMs = performance.now();
    reply.headers(SAFE_HEADERS);
    if (request.protocol === 'https') reply.header('strict-transport-security', STRICT_TRANSPORT);
    reply.header('x-correlation-id', request.id);
    if (isClosing || readiness.isLeaving) reply.header('connection', 'close');
    if (!isClosing) return done();
    done(new Fault('NOT_READY', 'the server is stopping'));
  });
}

/** Which other sites' pages may ask us; none by default. */
function allowOrigins(app: FastifyInstance, allowedOrigins: readonly string[]): void {
  if (allowedOrigins.length === 0) return;
  app.register(fastifyCors, {
    origin: allowedOrigins.includes('*') ? '*' : [...allowedOrigins],
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    exposedHeaders: ['x-correlation-id', 'retry-after'],
    maxAge: 600,
  });
}
