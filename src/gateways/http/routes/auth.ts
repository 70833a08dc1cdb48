/** Logging in, staying in and logging out. Each login, good or bad, is a fact in the journal. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IssuedSession } from '../../../access/sessions.ts';
import type { User } from '../../../access/users.ts';
import type { RecordAccess } from '../../../core/commands.ts';
import type { CorrelationId, UserId } from '../../../core/values/names.ts';
import { Fault } from '../../../faults/fault.ts';
import type { LoginRequest, RefreshRequest } from '../../../protocol/schemas/auth.ts';
import { BODY_PROBLEMS, problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import { wireTime } from '../../../protocol/times.ts';
import type { HttpDeps } from '../deps.ts';
import { bearerOf } from '../guard.ts';
import { nowMicros } from '../requests.ts';

const ANONYMOUS = 'anonymous' as UserId;

export function authRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const response = { 200: refTo('LoginAnswer'), ...problems(401, ...BODY_PROBLEMS, 429, 503) };
  const words = { tags: ['auth'], response };
  app.post<{ Body: LoginRequest }>(
    '/api/v1/auth/login',
    {
      schema: { ...words, summary: 'Exchange name and password for a token', body: refTo('LoginRequest') },
      config: { access: 'anyone' },
    },
    async (request) => wireSession(await logIn(deps, request)),
  );
  app.post<{ Body: RefreshRequest }>(
    '/api/v1/auth/refresh',
    {
      schema: {
        ...words,
        summary: 'Exchange a refresh token for the next pair of tokens',
        description:
          'A refresh token is good once: one that comes again ends its session, for whoever holds it.',
        body: refTo('RefreshRequest'),
      },
      config: { access: 'anyone' },
    },
    async (request) => wireSession(await refresh(deps, request)),
  );
  app.post(
    '/api/v1/auth/logout',
    {
      schema: {
        tags: ['auth'],
        summary: 'End the session of the bearer token: none of its tokens is taken any more',
        body: refTo('LogoutRequest'),
        response: { 200: refTo('LogoutAnswer'), ...problems(401, 403, ...BODY_PROBLEMS, 429, 503) },
      },
      config: { access: 'EndOwnSession' },
    },
    async (request) => {
      await deps.sessions.close(bearerOf(request.headers.authorization) ?? '');
      return { message: 'Logged out', timestamp: wireTime(nowMicros()) };
    },
  );
}

async function logIn(
  deps: HttpDeps,
  request: FastifyRequest<{ Body: LoginRequest }>,
): Promise<IssuedSession> {
  const { username, password } = request.body;
  let user: User;
  try {
    user = await deps.login.attempt(username, password, request.ip);
  } catch (error) {
    const isRefusal = error instanceof Fault && error.code === 'CREDENTIALS_INVALID';
    deps.metrics.logins.inc({ outcome: isRefusal ? 'refused' : 'unanswered' });
    if (isRefusal) {
      await recordRefusal(deps, request, deps.firm.home, username.toLowerCase());
    }
    throw error;
  }
  const fact = { user: user.username, what: 'LoggedIn', subject: user.username } as const;
  const shard = await deps.firm.shardOf(user.account); // who trades in one shard needs no other to log in
  await record(deps, request, shard, fact);
  deps.metrics.logins.inc({ outcome: 'granted' });
  return deps.sessions.open(user);
}

/** @throws Fault TOKEN_INVALID, CACHE_UNAVAILABLE, DATABASE_UNAVAILABLE */
async function refresh(
  deps: HttpDeps,
  request: FastifyRequest<{ Body: RefreshRequest }>,
): Promise<IssuedSession> {
  const refreshed = await deps.sessions.refresh(request.body.refresh_token);
  if (refreshed.kind === 'refreshed') return refreshed.issued;
  const { user, account } = refreshed.holder;
  deps.metrics.logins.inc({ outcome: 'refused' });
  const reason = 'a refresh token was used twice; its session is ended';
  await recordRefusal(deps, request, await deps.firm.shardOf(account), user, reason);
  throw new Fault(
    'TOKEN_INVALID',
    'this refresh token was used before, so its session is ended: log in again',
  );
}

/** Whoever is refused is refused, also where that cannot be recorded just now: then the log says so. */
async function recordRefusal(
  deps: HttpDeps,
  request: FastifyRequest,
  shard: string,
  subject: string,
  reason?: string,
): Promise<void> {
  try {
    await record(deps, request, shard, { user: ANONYMOUS, what: 'LoginRefused', subject, reason });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const about = { fault: error.code, subject, origin: request.ip, correlationId: request.id };
    deps.log.warn(about, 'a refused login is not known to be recorded');
  }
}

interface AccessFact {
  readonly user: UserId;
  readonly what: RecordAccess['what'];
  /** The name someone tried is kept as it came: the schema has bounded it and refused control characters. */
  readonly subject: string;
  readonly reason?: string | undefined;
}

async function record(
  { firm }: HttpDeps,
  request: FastifyRequest,
  shard: string,
  { user, what, subject, reason }: AccessFact,
): Promise<void> {
  const by = {
    user,
    origin: request.ip,
    correlationId: request.id as CorrelationId,
    reason,
    span: request.span?.spanId,
  };
  await firm.submit(shard, { type: 'RecordAccess', what, subject }, by);
}

const wireSession = ({ accessToken, expiresInSeconds, refreshToken, refreshInSeconds }: IssuedSession) => ({
  access_token: accessToken,
  token_type: 'bearer',
  expires_in: expiresInSeconds,
  ...(refreshToken === undefined
    ? {}
    : { refresh_token: refreshToken, refresh_expires_in: refreshInSeconds }),
});
