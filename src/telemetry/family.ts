/**
 * A metric whose series are taken out once and then fed by plain additions. The library's own builds a key for each
 * observation, about a microsecond of the order path; here text is made when somebody scrapes, and not before.
 */

export type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** One line of a scrape: the metric's name or one made of it, its labels, its value. */
export interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What the registry asks a metric for. */
export interface Shown {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: 'sum';
  readonly values: readonly Sample[];
}

export abstract class Family<Label extends string, Series> {
  readonly name: string;
  readonly help: string;
  abstract readonly type: Shown['type'];
  readonly aggregator = 'sum';
  readonly labelNames: readonly Label[];
  readonly #series = new Map<string, { readonly labels: Labels<Label>; readonly series: Series }>();

  constructor(name: string, help: string, labelNames: readonly Label[]) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
  }

  /** The series with these labels, at zero where it is new: keep it, and feed it. */
  labels(labels: Labels<Label>): Series {
    const key = this.#keyOf(labels);
    const known = this.#series.get(key);
    if (known !== undefined) return known.series;
    const series = this.begin();
    this.#series.set(key, { labels: { ...labels }, series });
    return series;
  }

  /** Whoever still holds the series feeds what nobody sees. */
  remove(labels: Labels<Label>): void {
    this.#series.delete(this.#keyOf(labels));
  }

  async get(): Promise<Shown> {
    const values: Sample[] = [];
    for (const { labels, series } of this.#series.values()) values.push(...this.samples(labels, series));
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }

  protected abstract begin(): Series;
  protected abstract samples(labels: Labels<Label>, series: Series): Iterable<Sample>;

  #keyOf(labels: Labels<Label>): string {
    return this.labelNames.map((name) => labels[name]).join('\u0000');
  }
}
