/** The first thing that happens to a request: who is it, may they, and not too often. Before any body is read. */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Principal } from '../../access/directory.ts';
import type { Permission } from '../../access/permissions.ts';
import { RetryLater } from '../../access/retry-later.ts';
import { assert } from '../../core/values/assert.ts';
import { Fault } from '../../faults/fault.ts';
import type { HttpDeps } from './deps.ts';

/** `unmetered`: open to anyone and not counted, for probes and scrapers. */
export type Access = Permission | 'anyone' | 'unmetered';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. A route that does not say is not registered. */
    access?: Access;
  }
}

type Door = Pick<HttpDeps, 'admission' | 'userLimit' | 'addressLimit'>;
type Done = (error?: Error) => void;

/** Puts the guard on every route of `app` that is registered from here on. */
export function guardRoutes(app: FastifyInstance, door: Door): void {
  app.decorateRequest('principal', undefined);
  app.addHook('onRequest', (request, _reply, done) => {
    attempt(() => knowOrigin(request), done);
  });
  app.addHook('onRoute', (route) => {
    const access = accessOf(route);
    const before = route.onRequest ?? [];
    if (access === 'unmetered') return;
    const guard = access === 'anyone' ? anonymous(door) : guardFor(access, door);
    route.onRequest = [guard, ...(Array.isArray(before) ? before : [before])];
    if (access !== 'anyone' && route.schema !== undefined) route.schema.security = [{ bearer: [] }];
  });
}

/**
 * A socket that is gone has no address, whatever the types say, and no fact may be without its origin. Seen once, it is
 * known for as long as the request lives, also when the caller hangs up meanwhile.
 * @throws Fault CALLER_GONE: nothing was done for the request
 */
function knowOrigin({ ip }: { readonly ip: string | undefined }): void {
  if (ip === undefined) throw new Fault('CALLER_GONE');
}

/** Fails closed: a route says who may use it, or the server does not start. */
function accessOf({ config, url, method }: RouteOptions): Access {
  if (config?.access !== undefined) return config.access;
  const isOpen = url.startsWith('/docs') || method === 'OPTIONS'; // pages and preflights of the plugins
  assert(isOpen, `${String(method)} ${url} says who may use it`);
  return 'anyone';
}

/** @throws RetryLater RATE_LIMITED: the address has used its allowance up */
export function chargeAddress({ addressLimit }: Pick<Door, 'addressLimit'>, request: FastifyRequest): void {
  const waitMs = addressLimit.take(request.ip);
  if (waitMs > 0) throw new RetryLater('RATE_LIMITED', waitMs);
}

function anonymous(door: Door) {
  return (request: FastifyRequest, _reply: FastifyReply, done: Done): void => {
    attempt(() => chargeAddress(door, request), done);
  };
}

function guardFor(permission: Permission, door: Door) {
  const enter = (request: FastifyRequest, principal: Principal): void => {
    const waitMs = door.userLimit.take(principal.user);
    if (waitMs > 0) throw new RetryLater('RATE_LIMITED', waitMs);
    if (!principal.permissions.has(permission)) throw new Fault('PERMISSION_DENIED');
    door.admission.mustKnow(permission);
    request.principal = principal;
  };
  return (request: FastifyRequest, _reply: FastifyReply, done: Done): void => {
    const token = bearerOf(request.headers.authorization);
    if (token === undefined) return attempt(() => turnAway(door, request, 'TOKEN_MISSING'), done);
    let known: Principal | undefined;
    try {
      known = door.admission.remembered(token);
      if (known !== undefined) enter(request, known);
    } catch (error) {
      done(error as Error);
      return;
    }
    if (known !== undefined) return done();
    verify(door, token, request).then((principal) => attempt(() => enter(request, principal), done), done);
  };
}

/** A token not seen before costs a signature check, so a bad one is charged to the address. */
async function verify(door: Door, token: string, request: FastifyRequest): Promise<Principal> {
  try {
    return await door.admission.admit(token);
  } catch (error) {
    chargeAddress(door, request);
    throw error;
  }
}

function turnAway(door: Door, request: FastifyRequest, code: 'TOKEN_MISSING'): never {
  chargeAddress(door, request);
  throw new Fault(code);
}

function attempt(work: () => void, done: Done): void {
  try {
    work();
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}

const SCHEME = 'bearer ';

/** The token of an `Authorization: Bearer` header; undefined for any other header or none. */
export function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length <= SCHEME.length) return undefined;
  if (header.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  return header.slice(SCHEME.length).trim();
}
