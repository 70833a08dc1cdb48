/** The door that people and programs come through: HTTP, and how it is closed without turning anybody away. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Database } from '../database/database.ts';
import { Fault } from '../faults/fault.ts';
import { buildHttp } from '../gateways/http/app.ts';
import type { HttpDeps } from '../gateways/http/deps.ts';
import { drainAndClose } from '../gateways/http/draining.ts';
import { HttpFigures } from '../gateways/http/figures.ts';
import { admittanceFor } from './admittance.ts';
import type { Config } from './config.ts';
import type { SharedMemory } from './services.ts';
import type { Site } from './site.ts';

/** What the doors show of the house; the rest of {@link HttpDeps} is made here. */
export type House = Pick<
  HttpDeps,
  'firm' | 'reads' | 'written' | 'quotes' | 'marketTime' | 'journal' | 'breaker' | 'version'
>;

/** The server, not listening yet. @throws Fault DATABASE_UNAVAILABLE */
export async function buildDoors(
  site: Site,
  database: Database,
  memory: SharedMemory,
  house: House,
): Promise<FastifyInstance> {
  const { config, log, metrics, readiness, certificate, undo } = site;
  const app = buildHttp({
    ...house,
    ...(await admittanceFor(site, database, memory)),
    readiness,
    certificate,
    metrics,
    figures: new HttpFigures(metrics),
    tracing: site.traces?.tracing,
    log,
    allowedOrigins: config.ALLOWED_ORIGINS,
    trustProxy: config.TRUST_PROXY,
  });
  undo.push(() => drainAndClose(app, readiness, config.DRAIN_MS));
  return app;
}

/**
 * Callers who wait to be let in while the thread is busy. Whoever finds no room here is not refused but asks again after
 * 1, 3 and 7 s, and takes us for dead; Node's own 511 is fewer than one load balancer opens at once. Linux caps it at
 * net.core.somaxconn, 4,096.
 */
const BACKLOG = 4_096;

interface Place {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
}

interface Listening {
  listen(place: Place): PromiseLike<string>;
}

/**
 * Behind TLS `localhost` is 127.0.0.1 alone: for ::1 the library would open a second server, which takes up no renewed
 * certificate for clients that name no host.
 */
const hostOf = ({ HOST: host, TLS_CERT_FILE: certFile }: Config): string =>
  host === 'localhost' && certFile !== undefined ? '127.0.0.1' : host;

/**
 * Where the door is then, as `http://127.0.0.1:8000`, or with https.
 * @throws Fault ADDRESS_IN_USE
 * @throws Fault CONFIG_INVALID: nobody can listen there
 */
export async function listen(door: Listening, config: Config): Promise<string> {
  const [host, port] = [hostOf(config), config.PORT];
  try {
    return await door.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE')
      throw new Fault('CONFIG_INVALID', `HOST and PORT: ${message}`, { cause: error });
    const remedy = 'stop it, or choose another port with --port or PORT';
    throw new Fault('ADDRESS_IN_USE', `${host}:${port}; ${remedy}`, { cause: error });
  }
}

/** Says what {@link listen} would, before anything is made that has to be taken down again. @throws as that does */
export async function proveFree(config: Config): Promise<void> {
  const server = createServer();
  const listening = (place: Place) => once(server.listen(place), 'listening').then(() => '');
  await listen({ listen: listening }, config);
  await once(server.close(), 'close');
}
