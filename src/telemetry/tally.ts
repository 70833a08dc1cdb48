/** A counter for the order path: counting is one addition. */
import { Family, type Labels, type Sample } from './family.ts';

export class TallySeries {
  count = 0;

  inc(): void {
    this.count += 1;
  }
}

export class Tally<Label extends string = never> extends Family<Label, TallySeries> {
  readonly type = 'counter';

  protected override begin(): TallySeries {
    return new TallySeries();
  }

  protected override *samples(labels: Labels<Label>, { count }: TallySeries): Generator<Sample> {
    yield { metricName: this.name, labels, value: count };
  }
}
