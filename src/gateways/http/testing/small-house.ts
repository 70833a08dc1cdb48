/** A door in front of the real core, with everything else in memory: one call away from a request. */
import type { FastifyInstance } from 'fastify';
import { Admission } from '../../../access/admission.ts';
import { DEMO_USERS } from '../../../access/demo-users.ts';
import { Directory } from '../../../access/directory.ts';
import { Login } from '../../../access/login.ts';
import { LoginThrottle } from '../../../access/login-throttle.ts';
import { Passwords } from '../../../access/passwords.ts';
import type { Role } from '../../../access/permissions.ts';
import { RateLimit } from '../../../access/rate-limit.ts';
import { Revocations } from '../../../access/revocations.ts';
import { MemoryRevokedTokens } from '../../../access/revoked-tokens-memory.ts';
import { MemorySessionStore } from '../../../access/session-store-memory.ts';
import { Sessions } from '../../../access/sessions.ts';
import { Tokens } from '../../../access/tokens.ts';
import { MemoryUsers } from '../../../access/users-memory.ts';
import { MemoryChannels } from '../../../cache/channels-memory.ts';
import type { VenueReport } from '../../../core/commands.ts';
import { type Price, quantity } from '../../../core/values/fixed-point.ts';
import {
  type AccountId,
  type CorrelationId,
  HOUSE_ACCOUNT,
  type Micros,
  type OrderId,
  type Ticker,
  type UserId,
} from '../../../core/values/names.ts';
import { Fault } from '../../../faults/fault.ts';
import { LocalFirm } from '../../../firm/local-firm.ts';
import { OwnWritten } from '../../../firm/written.ts';
import type { Quote } from '../../../market-data/quotes.ts';
import { silentLog } from '../../../telemetry/log.ts';
import { openMetrics } from '../../../telemetry/metrics.ts';
import { Readiness } from '../../../telemetry/readiness.ts';
import { buildHttp } from '../app.ts';
import type { BreakerView, HttpDeps } from '../deps.ts';
import { HttpFigures } from '../figures.ts';
import { CoreEngine } from './core-engine.ts';
import { FollowedReads } from './followed-reads.ts';

const SHARD = 'main';
export const SECRET = 'a-secret-of-at-least-thirty-two-characters';

export interface SmallHouse {
  readonly app: FastifyInstance;
  readonly engine: CoreEngine;
  readonly reads: FollowedReads;
  readonly users: MemoryUsers;
  readonly directory: Directory;
  readonly deps: HttpDeps;
  /** Live midpoints. */
  readonly marks: Map<string, Price>;
  readonly breaker: { -readonly [K in keyof BreakerView]: BreakerView[K] };
  readonly journal: { isDown: boolean };
  /** `Bearer` and a good token. */
  bearer(who: Role | 'trader2'): string;
  /** What the venue says. */
  report(orderId: string, ...reports: VenueReport[]): void;
}

interface Wishes {
  /** Hash the demo users' passwords, so that they can log in. */
  readonly hasPasswords?: boolean;
  readonly isDemo?: boolean;
  /** The directory's clock, in milliseconds. It stands still where nothing is said: nobody looks again. */
  readonly usersNow?: () => number;
  readonly perMinute?: number;
  readonly trustProxy?: boolean;
  readonly allowedOrigins?: readonly string[];
  /** Of trader2; the house's own where nothing is said. */
  readonly secondAccount?: string;
}

export async function openSmallHouse(wishes: Wishes = {}): Promise<SmallHouse> {
  const engine = new CoreEngine();
  const reads = new FollowedReads(new Map([[SHARD, engine]]));
  const users = await demoUsers(wishes);
  const directory = new Directory(users, {
    isDemo: wishes.isDemo ?? true,
    now: wishes.usersNow ?? (() => 0),
  });
  await directory.refresh();
  const tokens = new Tokens(SECRET);
  const revocations = new Revocations(new MemoryRevokedTokens(), new MemoryChannels());
  const marks = new Map<string, Price>();
  const breaker = { state: 'closed' as BreakerView['state'], failures: 0, openUntil: undefined };
  const journal = { isDown: false };
  const metrics = openMetrics();
  const deps: HttpDeps = {
    firm: new LocalFirm({
      shard: SHARD,
      engine,
      instrument: (ticker) => engine.state.instruments.get(ticker),
    }),
    reads,
    written: new OwnWritten(new Map([[SHARD, engine.position]])),
    quotes: {
      sample: (ticker) => sampleOf(marks.get(ticker)),
      latest: (ticker) => quoteOf(ticker, marks.get(ticker)),
    },
    marketTime: () => undefined,
    journal: { head: () => headOf(journal.isDown) },
    breaker: () => breaker,
    admission: new Admission(tokens, directory, revocations),
    login: new Login(users, new Passwords(), new LoginThrottle(), directory),
    sessions: new Sessions(tokens, new MemorySessionStore(), directory, revocations),
    userLimit: new RateLimit(wishes.perMinute ?? 0),
    addressLimit: new RateLimit(wishes.perMinute ?? 0),
    readiness: new Readiness(),
    metrics,
    figures: new HttpFigures(metrics),
    log: silentLog(),
    version: '0.0.0',
    allowedOrigins: wishes.allowedOrigins ?? [],
    trustProxy: wishes.trustProxy ?? false,
  };
  const app = buildHttp(deps);
  await app.ready();
  const bearers = await bearersOf(users, tokens);
  const report = (orderId: string, ...reports: VenueReport[]): void => {
    engine.decide({ type: 'ReportFromVenue', orderId: orderId as OrderId, reports }, VENUE);
  };
  const bearer = (who: string): string => bearers.get(who) ?? '';
  return { app, engine, reads, users, directory, deps, marks, breaker, journal, bearer, report };
}

const VENUE = {
  user: 'venue:SIM' as UserId,
  origin: 'venue:SIM',
  correlationId: '00000000-0000-7000-8000-000000000000' as CorrelationId,
  reason: undefined,
};

const sampleOf = (mark: Price | undefined) => (mark === undefined ? undefined : { mark, isFresh: true });

function quoteOf(ticker: Ticker, mark: Price | undefined): Quote | undefined {
  if (mark === undefined) return undefined;
  const size = quantity('100');
  return { ticker, bid: mark, ask: mark, bidSize: size, askSize: size, at: micros(1_769_783_400_000_000) };
}

async function headOf(isDown: boolean) {
  if (isDown) throw new Fault('JOURNAL_UNAVAILABLE');
  return { position: 0 as never, hash: undefined };
}

async function demoUsers({ hasPasswords, secondAccount = HOUSE_ACCOUNT }: Wishes): Promise<MemoryUsers> {
  const users = new MemoryUsers();
  const passwords = new Passwords();
  for (const { username, password, role } of DEMO_USERS) {
    const passwordHash = hasPasswords ? await passwords.hash(password) : '';
    await users.add({ username, passwordHash, role, account: HOUSE_ACCOUNT, isDemo: true });
  }
  const second = { username: 'trader2' as UserId, role: 'TRADER' } as const;
  await users.add({ ...second, account: secondAccount as AccountId, passwordHash: '', isDemo: true });
  return users;
}

async function bearersOf(users: MemoryUsers, tokens: Tokens): Promise<ReadonlyMap<string, string>> {
  const bearers = new Map<string, string>();
  for (const user of await users.list()) {
    const { accessToken } = await tokens.issue(user);
    const who = user.username === 'trader2' ? user.username : user.role;
    bearers.set(who, `Bearer ${accessToken}`);
  }
  return bearers;
}

/** UTC microseconds as a test writes them. */
export const micros = (at: number): Micros => at as Micros;
