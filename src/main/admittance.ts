/** Who may come in: users, tokens, sessions and how often each may knock, alone or together with the other nodes. */
import { Admission } from '../access/admission.ts';
import { addDemoUsers } from '../access/demo-users.ts';
import { Directory } from '../access/directory.ts';
import { Login } from '../access/login.ts';
import { LoginThrottle } from '../access/login-throttle.ts';
import { RedisLoginThrottle } from '../access/login-throttle-redis.ts';
import { Passwords } from '../access/passwords.ts';
import { RateLimit } from '../access/rate-limit.ts';
import { Revocations } from '../access/revocations.ts';
import { PostgresRevokedTokens } from '../access/revoked-tokens-postgres.ts';
import { MemorySessionStore } from '../access/session-store-memory.ts';
import { RedisSessionStore } from '../access/session-store-redis.ts';
import { Sessions } from '../access/sessions.ts';
import { SharedRateLimit } from '../access/shared-rate-limit.ts';
import { RedisTally } from '../access/tally-redis.ts';
import { Tokens } from '../access/tokens.ts';
import { PostgresUsers } from '../access/users-postgres.ts';
import type { Scripts } from '../cache/scripts.ts';
import type { Database } from '../database/database.ts';
import type { HttpDeps } from '../gateways/http/deps.ts';
import { type Config, isDemoMode } from './config.ts';
import { secretOf } from './secret.ts';
import type { SharedMemory } from './services.ts';
import type { Site } from './site.ts';

export type Admittance = Pick<HttpDeps, 'admission' | 'login' | 'sessions' | 'userLimit' | 'addressLimit'>;

/** @throws Fault DATABASE_UNAVAILABLE */
export async function admittanceFor(
  site: Site,
  database: Database,
  { channels, scripts }: SharedMemory,
): Promise<Admittance> {
  const { config, log, undo } = site;
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
  const revocations = new Revocations(new PostgresRevokedTokens(pool), channels, { onTrouble });
  await revocations.start();
  undo.push(() => revocations.stop());
  const store = scripts === undefined ? new MemorySessionStore() : new RedisSessionStore(scripts);
  return {
    admission: new Admission(tokens, directory, revocations),
    login: new Login(users, passwords, throttleFor(scripts), directory),
    sessions: new Sessions(tokens, store, directory, revocations),
    userLimit: limitFor(config, scripts, 'user'),
    addressLimit: limitFor(config, scripts, 'address'),
  };
}

function throttleFor(scripts: Scripts | undefined) {
  const own = new LoginThrottle();
  return scripts === undefined ? own : new RedisLoginThrottle(scripts, own);
}

function limitFor({ RATE_LIMIT_PER_MINUTE: perMinute }: Config, scripts: Scripts | undefined, name: string) {
  const own = new RateLimit(perMinute);
  return scripts === undefined ? own : new SharedRateLimit(own, new RedisTally(scripts, name));
}
