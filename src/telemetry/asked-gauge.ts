/** A gauge that is read off when somebody scrapes, from those who know: who knows nothing shows nothing. */
import type { Labels, Shown } from './family.ts';

export interface Reading<Label extends string> {
  readonly labels: Labels<Label>;
  /** Undefined: not known just now. */
  readonly value: number | undefined;
}

export class AskedGauge<Label extends string = never> {
  readonly name: string;
  readonly help: string;
  readonly type = 'gauge';
  readonly aggregator = 'sum';
  readonly labelNames: readonly Label[];
  readonly #asked = new Set<() => Iterable<Reading<Label>>>();

  constructor(name: string, help: string, labelNames: readonly Label[]) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
  }

  /** `read` is asked at each scrape: it must be quick and must not throw. Returns how to stop asking. */
  ask(read: () => Iterable<Reading<Label>>): () => void {
    this.#asked.add(read);
    return () => this.#asked.delete(read);
  }

  async get(): Promise<Shown> {
    const values = [];
    for (const read of this.#asked) {
      for (const { labels, value } of read()) {
        if (value !== undefined) values.push({ metricName: this.name, labels, value });
      }
    }
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }
}
