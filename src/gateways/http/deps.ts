/** What the HTTP door needs of the house. Everything is a port: nothing is decided here. */
import type { Admission } from '../../access/admission.ts';
import type { Allowance } from '../../access/allowance.ts';
import type { Login } from '../../access/login.ts';
import type { Sessions } from '../../access/sessions.ts';
import type { Micros } from '../../core/values/names.ts';
import type { Firm } from '../../firm/firm.ts';
import type { Written } from '../../firm/written.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Quotes } from '../../market-data/quotes.ts';
import type { Reads } from '../../projections/reads.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Readiness } from '../../telemetry/readiness.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import type { HttpFigures } from './figures.ts';
import type { ServedCertificate } from './served-certificate.ts';

/** The venue's circuit breaker, as `/api/v1/metrics` shows it. */
export interface BreakerView {
  readonly state: 'closed' | 'open' | 'half_open';
  /** In a row. */
  readonly failures: number;
  /** Undefined unless it is open. */
  readonly openUntil: Micros | undefined;
}

/** As much of the served certificate as a door needs. */
export type DoorCertificate = Pick<ServedCertificate, 'options' | 'serve'>;

export interface HttpDeps {
  readonly firm: Firm;
  readonly reads: Reads;
  /** What each user was answered, so that they read it. */
  readonly written: Written;
  readonly quotes: Pick<Quotes, 'sample' | 'latest'>;
  /** The recorded instant that is being played; undefined where the market is live or made up. */
  readonly marketTime: () => Micros | undefined;
  /** Asked whether it answers at all. */
  readonly journal: Pick<Journal, 'head'>;
  readonly breaker: () => BreakerView;
  readonly admission: Admission;
  readonly login: Login;
  readonly sessions: Sessions;
  /** For everyone who showed a good token. */
  readonly userLimit: Allowance;
  /** For everything else from one address: logins, no token, a bad token, unknown paths. */
  readonly addressLimit: Allowance;
  /** Whether this node may be given work, and whether it is about to go. */
  readonly readiness: Readiness;
  /** What to speak TLS with; undefined: plain HTTP. */
  readonly certificate?: DoorCertificate | undefined;
  readonly metrics: Metrics;
  /** Undefined: nobody counts requests. */
  readonly figures?: HttpFigures | undefined;
  /** Undefined: no request is traced. */
  readonly tracing?: Tracing | undefined;
  readonly log: Log;
  readonly version: string;
  /** Origins that browsers may call from; none by default. `*` for any. */
  readonly allowedOrigins: readonly string[];
  /** Take the client's address from X-Forwarded-For: only behind a proxy of ours. */
  readonly trustProxy: boolean;
}
