/** Logging in. Each attempt, good or bad, is a fact in the journal. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IssuedToken } from '../../../access/tokens.ts';
import type { User } from '../../../access/users.ts';
import type { RecordAccess } from '../../../core/commands.ts';
import type { CorrelationId, UserId } from '../../../core/values/names.ts';
import { Fault } from '../../../faults/fault.ts';
import type { LoginRequest } from '../../../protocol/schemas/auth.ts';
import { BODY_PROBLEMS, problems, refTo } from '../../../protocol/schemas/vocabulary.ts';
import type { HttpDeps } from '../deps.ts';

const ANONYMOUS = 'anonymous' as UserId;

export function authRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const schema = {
    tags: ['auth'],
    summary: 'Exchange name and password for a token',
    body: refTo('LoginRequest'),
    response: { 200: refTo('LoginAnswer'), ...problems(401, ...BODY_PROBLEMS, 429, 503) },
  };
  app.post<{ Body: LoginRequest }>(
    '/api/v1/auth/login',
    { schema, config: { access: 'anyone' } },
    async (request) => wireToken(await logIn(deps, request)),
  );
}

async function logIn(deps: HttpDeps, request: FastifyRequest<{ Body: LoginRequest }>): Promise<IssuedToken> {
  const { username, password } = request.body;
  let user: User;
  try {
    user = await deps.login.attempt(username, password, request.ip);
  } catch (error) {
    const isRefusal = error instanceof Fault && error.code === 'CREDENTIALS_INVALID';
    deps.metrics.logins.inc({ outcome: isRefusal ? 'refused' : 'unanswered' });
    if (isRefusal) {
      await record(deps, request, deps.firm.home, ANONYMOUS, 'LoginRefused', username.toLowerCase());
    }
    throw error;
  }
  const shard = await deps.firm.shardOf(user.account); // who trades in one shard needs no other to log in
  await record(deps, request, shard, user.username, 'LoggedIn', user.username);
  deps.metrics.logins.inc({ outcome: 'granted' });
  return deps.tokens.issue(user);
}

/** The name someone tried is kept as it came: the schema has bounded it and refused control characters. */
async function record(
  { firm }: HttpDeps,
  request: FastifyRequest,
  shard: string,
  user: UserId,
  what: RecordAccess['what'],
  subject: string,
): Promise<void> {
  const by = { user, origin: request.ip, correlationId: request.id as CorrelationId, reason: undefined };
  await firm.submit(shard, { type: 'RecordAccess', what, subject }, by);
}

const wireToken = ({ accessToken, expiresInSeconds }: IssuedToken) => ({
  access_token: accessToken,
  token_type: 'bearer',
  expires_in: expiresInSeconds,
});
