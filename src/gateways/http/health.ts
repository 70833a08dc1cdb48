/** Is the platform fit to trade? Each component is really asked, at most once a second whoever wants to know. */
import type { HttpDeps } from './deps.ts';

export type Component = 'event_store' | 'risk_engine' | 'execution_engine';
/** `operational`, or what is wrong. */
export type HealthReport = Readonly<Record<Component, string>>;

const OPERATIONAL = 'operational';
/** An answer older than this is asked for again, in milliseconds. */
const KEEP_MS = 1_000;
/** A component that takes longer is not operational, in milliseconds. */
const DEADLINE_MS = 2_000;

type Probed = Pick<HttpDeps, 'firm' | 'journal' | 'breaker'>;

export class HealthProbe {
  readonly #deps: Probed;
  #latest: Promise<HealthReport> | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: Probed) {
    this.#deps = deps;
  }

  /** Never rejects. */
  report(): Promise<HealthReport> {
    const now = performance.now();
    if (this.#latest === undefined || now - this.#askedAtMs > KEEP_MS) {
      this.#askedAtMs = now;
      this.#latest = this.#ask();
    }
    return this.#latest;
  }

  async #ask(): Promise<HealthReport> {
    const { firm, journal } = this.#deps;
    const [store, risk] = await Promise.all([
      verdict(async () => {
        await journal.head();
        return firm.status === 'running' ? OPERATIONAL : `the sequencer is ${firm.status}`;
      }),
      verdict(async () => ((await firm.isOpen()) ? OPERATIONAL : 'closed')),
    ]);
    // The risk engine answers also while trading is closed; what is closed then is execution.
    const isAnswering = risk === OPERATIONAL || risk === 'closed';
    return {
      event_store: store,
      risk_engine: isAnswering ? OPERATIONAL : risk,
      execution_engine: this.#execution(risk),
    };
  }

  #execution(risk: string): string {
    if (this.#deps.breaker().state === 'open') return 'the circuit breaker to the venue is open';
    if (risk === 'closed') return 'the venues are being reconciled';
    return risk === OPERATIONAL ? OPERATIONAL : 'the risk engine does not answer';
  }
}

/** What `ask` says, or what stopped it, in time. */
async function verdict(ask: () => Promise<string>): Promise<string> {
  const { promise: deadline, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve('does not answer in time'), DEADLINE_MS);
  try {
    return await Promise.race([ask(), deadline]);
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

export const isHealthy = (report: HealthReport): boolean =>
  Object.values(report).every((verdictOn) => verdictOn === OPERATIONAL);
