/** A counter for the order path, plainer than the library's: counting is one addition. */
import { Family, type Labels, type Sample } from './family.ts';

export class PlainCount {
  count = 0;

  inc(): void {
    this.count += 1;
  }
}

export class PlainCounter<Label extends string = never> extends Family<Label, PlainCount> {
  readonly type = 'counter';

  protected override begin(): PlainCount {
    return new PlainCount();
  }

  protected override *samples(labels: Labels<Label>, { count }: PlainCount): Generator<Sample> {
    yield { metricName: this.name, labels, value: count };
  }
}
