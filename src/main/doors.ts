/** Who may come in, and the door they come through: users, tokens, limits, HTTP. */
import type { FastifyInstance } from 'fastify';
import { Admission } from '../access/admission.ts';
import { addDemoUsers } from '../access/demo-users.ts';
import { Directory } from '../access/directory.ts';
import { Login } from '../access/login.ts';
import { LoginThrottle } from '../access/login-throttle.ts';
import { Passwords } from '../access/passwords.ts';
import { RateLimit } from '../access/rate-limit.ts';
import { Revocations } from '../access/revocations.ts';
import { PostgresRevokedTokens } from '../access/revoked-tokens-postgres.ts';
import { MemorySessionStore } from '../access/session-store-memory.ts';
import { Sessions } from '../access/sessions.ts';
import { Tokens } from '../access/tokens.ts';
import { PostgresUsers } from '../access/users-postgres.ts';
import { MemoryChannels } from '../cache/channels-memory.ts';
import type { Database } from '../database/database.ts';
import { Fault } from '../faults/fault.ts';
import { buildHttp } from '../gateways/http/app.ts';
import type { HttpDeps } from '../gateways/http/deps.ts';
import { type Config, isDemoMode } from './config.ts';
import { secretOf } from './secret.ts';
import type { Site } from './site.ts';

/** What the doors show of the house; the rest of {@link HttpDeps} is made here. */
export type House = Pick<
  HttpDeps,
  'firm' | 'reads' | 'written' | 'quotes' | 'marketTime' | 'journal' | 'breaker' | 'readiness' | 'version'
>;

/** The server, not listening yet. @throws Fault DATABASE_UNAVAILABLE */
export async function buildDoors(site: Site, database: Database, house: House): Promise<FastifyInstance> {
  const { config, log, metrics, undo } = site;
  const pool = database.pool({ applicationName: 'itirp access', connectionsMax: 4 });
  const users = new PostgresUsers(pool);
  const passwords = new Passwords();
  const isDemo = isDemoMode(config);
  if (isDemo) {
    await addDemoUsers(users, passwords);
    log.warn(
      'DEMO MODE: users with public passwords exist (trader1, risk1, compliance1, admin); never expose this',
    );
  }
  const onTrouble = (error: unknown): void =>
    log.warn({ err: error }, 'users and revoked tokens could not be read anew');
  if (!isDemo && (await users.list()).length === 0) {
    log.warn('there are no users yet, so nobody can log in: `itirp user add NAME --role TRADER` adds one');
  }
  const directory = new Directory(users, { isDemo, onTrouble });
  await directory.start();
  undo.push(() => directory.stop());
  const tokens = new Tokens(await secretOf(config));
  const revocations = new Revocations(new PostgresRevokedTokens(pool), new MemoryChannels(), { onTrouble });
  await revocations.start();
  undo.push(() => revocations.stop());
  const app = buildHttp({
    ...house,
    admission: new Admission(tokens, directory, revocations),
    login: new Login(users, passwords, new LoginThrottle(), directory),
    sessions: new Sessions(tokens, new MemorySessionStore(), directory, revocations),
    userLimit: new RateLimit(config.RATE_LIMIT_PER_MINUTE),
    addressLimit: new RateLimit(config.RATE_LIMIT_PER_MINUTE),
    metrics,
    log,
    allowedOrigins: config.ALLOWED_ORIGINS,
    trustProxy: config.TRUST_PROXY,
  });
  undo.push(() => app.close());
  return app;
}

/**
 * Where the door is then, as `http://127.0.0.1:8000`.
 * @throws Fault ADDRESS_IN_USE
 * @throws Fault CONFIG_INVALID: nobody can listen there
 */
export async function listen(http: FastifyInstance, { HOST: host, PORT: port }: Config): Promise<string> {
  try {
    return await http.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE')
      throw new Fault('CONFIG_INVALID', `HOST and PORT: ${message}`, { cause: error });
    const remedy = 'stop it, or choose another port with --port or PORT';
    throw new Fault('ADDRESS_IN_USE', `${host}:${port}; ${remedy}`, { cause: error });
  }
}
