/** How many requests each route answers and how long it takes: rate, errors and duration, by names that no caller makes. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DistributionSeries } from '../../telemetry/distribution.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { PlainCount } from '../../telemetry/plain-counter.ts';

/** Whatever else a caller may think of is `other`. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const UNMATCHED = 'unmatched';
/** The caller hung up before the answer: nobody saw a status. */
const GONE = 499;

type HttpMetrics = Pick<Metrics, 'httpRequests' | 'httpDuration' | 'httpInFlight'>;
type Done = () => void;

declare module 'fastify' {
  interface FastifyRequest {
    /** It has been counted: hanging up after that changes nothing. */
    isCounted: boolean;
  }
}

/** One method of one route: its series are looked up once. */
class RouteFigures {
  readonly #metrics: HttpMetrics;
  readonly #labels: { readonly method: string; readonly route: string };
  readonly #duration: DistributionSeries;
  readonly #byStatus = new Map<number, PlainCount>();

  constructor(metrics: HttpMetrics, method: string, route: string) {
    this.#metrics = metrics;
    this.#labels = { method: METHODS.has(method) ? method : 'other', route };
    this.#duration = metrics.httpDuration.labels(this.#labels);
  }

  count(status: number, seconds: number): void {
    this.#duration.observe(seconds);
    let tally = this.#byStatus.get(status);
    if (tally === undefined) {
      tally = this.#metrics.httpRequests.labels({ ...this.#labels, status: String(status) });
      this.#byStatus.set(status, tally);
    }
    tally.inc();
  }
}

export class HttpFigures {
  readonly #metrics: HttpMetrics;
  /** By route, then by method. A route that nobody asks for has no series. */
  readonly #routes = new Map<string, Map<string, RouteFigures>>();
  #inFlight = 0;

  constructor(metrics: HttpMetrics) {
    this.#metrics = metrics;
    metrics.httpInFlight.ask(() => [{ labels: {}, value: this.#inFlight }]);
  }

  /** Follows every request of `app`, those that no route takes included. Call it before routes are registered. */
  follow(app: FastifyInstance): void {
    app.decorateRequest('isCounted', false);
    app.addHook('onRequest', (_request, _reply, done) => {
      this.#inFlight += 1;
      done();
    });
    app.addHook('onRoute', (route) => {
      const answered = (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
        this.#end(route.url, request, reply.statusCode);
        done();
      };
      const after = route.onResponse ?? [];
      route.onResponse = [answered, ...(Array.isArray(after) ? after : [after])];
    });
    app.addHook('onResponse', (request, reply, done) => {
      if (request.is404) this.#end(UNMATCHED, request, reply.statusCode);
      done();
    });
    app.addHook('onRequestAbort', (request, done) => {
      this.#end(request.routeOptions.url ?? UNMATCHED, request, GONE);
      done();
    });
  }

  /** Counts what was answered before it came to any route. */
  countUnmatched(method: string, status: number): void {
    this.#of(UNMATCHED, method).count(status, 0);
  }

  #end(route: string, request: FastifyRequest, status: number): void {
    if (request.isCounted) return;
    request.isCounted = true;
    this.#inFlight -= 1;
    this.#of(route, request.method).count(status, (performance.now() - request.arrivedAtMs) / 1000);
  }

  #of(route: string, method: string): RouteFigures {
    const methods = this.#routes.get(route) ?? new Map<string, RouteFigures>();
    const figures = methods.get(method) ?? new RouteFigures(this.#metrics, method, route);
    if (!methods.has(method)) this.#routes.set(route, methods.set(method, figures));
    return figures;
  }
}
