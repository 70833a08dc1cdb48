/** Questions to a Prometheus: what a query comes to over a span of time, and whom it scrapes. */

/** One line of an answer: its labels, and its values by time in seconds. Where nothing was, nothing is. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [at: number, value: number])[];
}

export interface Span {
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

export interface ScrapedTarget {
  readonly job: string;
  readonly instance: string;
  readonly health: string;
  readonly lastError: string;
}

const PATIENCE_MS = 30_000;

export class Prometheus {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, '');
  }

  /** @throws Error with what Prometheus says to a query that it does not understand */
  async range(query: string, { from, to, step }: Span): Promise<readonly Series[]> {
    const words = { query, start: String(from), end: String(to), step: String(step) };
    const { result } = await this.#ask<{ result: readonly RawSeries[] }>('query_range', words);
    return result.map(({ metric, values }) => ({
      labels: metric,
      points: values.map(([at, value]) => [at, Number(value)] as const),
    }));
  }

  async targets(): Promise<readonly ScrapedTarget[]> {
    const { activeTargets } = await this.#ask<{ activeTargets: readonly RawTarget[] }>('targets', {});
    return activeTargets.map(({ labels, health, lastError }) => ({
      job: labels.job ?? '',
      instance: labels.instance ?? '',
      health,
      lastError,
    }));
  }

  /** Each rule there is, and what was wrong when it was last reckoned. */
  async rules(): Promise<readonly { readonly name: string; readonly health: string }[]> {
    const { groups } = await this.#ask<{ groups: readonly { rules: readonly RawRule[] }[] }>('rules', {});
    return groups.flatMap(({ rules }) => rules);
  }

  async #ask<Data>(what: string, words: Readonly<Record<string, string>>): Promise<Data> {
    const url = `${this.#url}/api/v1/${what}?${new URLSearchParams(words).toString()}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const answer = (await response.json()) as { status: string; data: Data; error?: string };
    if (answer.status !== 'success') throw new Error(`Prometheus: ${answer.error} in ${words.query ?? what}`);
    return answer.data;
  }
}

interface RawSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

interface RawTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError: string;
}

interface RawRule {
  readonly name: string;
  readonly health: string;
}
