/** Health, figures and a word about the system itself. */
import type { FastifyInstance } from 'fastify';
import { problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import { wordOf } from '../../../protocol/statuses.ts';
import { wireTime } from '../../../protocol/times.ts';
import { prefersHtml } from '../accept.ts';
import type { HttpDeps } from '../deps.ts';
import type { Freshness } from '../freshness.ts';
import { HealthProbe, isHealthy } from '../health.ts';
import { ExplainedFault } from '../problems.ts';
import { nowMicros, principalOf } from '../requests.ts';
import { wireMetrics } from './risk.ts';

const tags = ['system'];

export function systemRoutes(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  routeHealth(app, deps);
  routeMetrics(app, deps, freshness);
  routeScrape(app, deps);
  routeRoot(app, deps);
}

function routeHealth(app: FastifyInstance, deps: HttpDeps): void {
  const probe = new HealthProbe(deps);
  const schema = {
    tags,
    summary: 'Is the platform fit to trade?',
    response: { 200: refTo('Health'), ...problems(503) },
  };
  app.get('/api/v1/health', { schema, config: { access: 'unmetered' } }, async () => {
    const components = await probe.report();
    if (isHealthy(components)) {
      return { status: 'healthy', timestamp: wireTime(nowMicros()), components };
    }
    const failing = Object.entries(components).filter(([, verdict]) => verdict !== 'operational');
    const detail = failing.map(([name, verdict]) => `${name}: ${verdict}`).join('; ');
    throw new ExplainedFault('NOT_READY', detail, { components });
  });
}

function routeMetrics(app: FastifyInstance, deps: HttpDeps, freshness: Freshness): void {
  const { firm, reads, breaker } = deps;
  const schema = {
    tags,
    summary: 'Orders, events, breaker and risk in figures',
    response: { 200: refTo('SystemMetrics'), ...problems(401, 403, 429, 503) },
  };
  app.get('/api/v1/metrics', { schema, config: { access: 'ReadMetrics' } }, async (request) => {
    const { user } = principalOf(request);
    const atLeast = await freshness.settle(user);
    const owed = await freshness.owedTo(user);
    const [counts, totalEvents, risk] = await Promise.all([
      reads.statusCounts(atLeast),
      reads.eventCount(atLeast),
      firm.metrics(owed),
    ]);
    const { state, failures, openUntil } = breaker();
    return {
      total_orders: [...counts.values()].reduce((sum, count) => sum + count, 0),
      total_events: totalEvents,
      order_status_breakdown: breakdown(counts),
      circuit_breaker: {
        status: state,
        failures,
        open_until: openUntil === undefined ? null : wireTime(openUntil),
      },
      risk_metrics: wireMetrics(risk),
      timestamp: wireTime(nowMicros()),
    };
  });
}

/** Counts by wire word: several of the core's statuses may share one. */
function breakdown(counts: Awaited<ReturnType<HttpDeps['reads']['statusCounts']>>): Record<string, number> {
  const words: Record<string, number> = {};
  for (const [status, count] of counts) {
    const word = wordOf(status);
    words[word] = (words[word] ?? 0) + count;
  }
  return words;
}

/** For anyone, as often as they like: what a scrape shows is at hand, and asks nothing of the writer. */
function routeScrape(app: FastifyInstance, { metrics: { registry } }: HttpDeps): void {
  const options = { schema: { hide: true }, config: { access: 'unmetered' as const } };
  app.get('/metrics', options, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

function routeRoot(app: FastifyInstance, { version, firm }: HttpDeps): void {
  const schema = {
    tags,
    summary: 'What this is',
    response: { 200: refTo('SystemInformation'), ...problems(429) },
  };
  app.get('/', { schema, config: { access: 'anyone' } }, async (request, reply) => {
    if (prefersHtml(request.headers.accept)) return reply.redirect('/docs');
    return {
      system: 'Institutional Trading Infrastructure & Risk Platform (ITIRP)',
      version,
      status: firm.status === 'running' ? 'operational' : firm.status,
      documentation: '/docs',
      architecture:
        'Single-writer sequencer over a hash-chained PostgreSQL journal, with read models behind it',
      endpoints: ENDPOINTS,
    };
  });
}

const ENDPOINTS = {
  login: '/api/v1/auth/login',
  orders: '/api/v1/orders',
  risk: '/api/v1/risk',
  audit: '/api/v1/audit',
  health: '/api/v1/health',
  metrics: '/api/v1/metrics',
  openapi: '/openapi.json',
};
