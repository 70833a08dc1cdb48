/** A histogram for the order path: an observation is a short search and three additions. */
import { Family, type Labels, type Sample } from './family.ts';

export class DistributionSeries {
  readonly #bounds: readonly number[];
  /** By bucket, each for itself; the last one is for what lies beyond the bounds. */
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** What is no finite number is left out: it would spoil the sum for good. */
  observe(value: number): void {
    if (!Number.isFinite(value)) return;
    let low = 0;
    let high = this.#bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= (this.#bounds[middle] as number)) high = middle;
      else low = middle + 1;
    }
    this.counts[low] = (this.counts[low] as number) + 1;
    this.sum += value;
    this.count += 1;
  }
}

export class Distribution<Label extends string = never> extends Family<Label, DistributionSeries> {
  readonly type = 'histogram';
  readonly buckets: readonly number[];

  constructor(name: string, help: string, labelNames: readonly Label[], buckets: readonly number[]) {
    super(name, help, labelNames);
    this.buckets = buckets;
  }

  protected override begin(): DistributionSeries {
    return new DistributionSeries(this.buckets);
  }

  protected override *samples(labels: Labels<Label>, series: DistributionSeries): Generator<Sample> {
    let below = 0;
    for (const [index, bound] of this.buckets.entries()) {
      below += series.counts[index] ?? 0;
      yield { metricName: `${this.name}_bucket`, labels: { ...labels, le: bound }, value: below };
    }
    yield { metricName: `${this.name}_bucket`, labels: { ...labels, le: '+Inf' }, value: series.count };
    yield { metricName: `${this.name}_sum`, labels, value: series.sum };
    yield { metricName: `${this.name}_count`, labels, value: series.count };
  }
}
