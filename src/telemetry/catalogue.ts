/** Every instrument of a process, made in one place: what it is called, what it says, and which roles show it. */
import { Counter, Gauge, type Metric, Registry } from '@prometheus-io/client';
import { AskedGauge } from './asked-gauge.ts';
import { SECONDS } from './buckets.ts';
import { Distribution } from './distribution.ts';
import { PlainCounter } from './plain-counter.ts';

/** What a process does in the deployment. */
export type Role = 'api' | 'engine' | 'projector' | 'publisher';
export const EVERY_ROLE: readonly Role[] = ['api', 'engine', 'projector', 'publisher'];

export interface Instrument {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly roles: readonly Role[];
  /** Of a histogram. */
  readonly buckets: readonly number[] | undefined;
}

interface Wishes<Label extends string> {
  readonly name: string;
  readonly help: string;
  /** Whose processes know: the others do not show it at all. */
  readonly roles: readonly Role[];
  readonly labelNames?: readonly Label[];
}

export class Catalogue {
  readonly registry = new Registry();
  readonly instruments: Instrument[] = [];
  readonly #shown: ReadonlySet<Role>;

  /** `shown`: the roles of this process. */
  constructor(shown: ReadonlySet<Role>) {
    this.#shown = shown;
  }

  counter<Label extends string = never>(wishes: Wishes<Label>): Counter<Label> {
    return new Counter({ ...this.#note('counter', wishes), registers: this.#registersOf(wishes) });
  }

  /** For what is counted with each request or order. */
  plainCounter<Label extends string = never>(wishes: Wishes<Label>): PlainCounter<Label> {
    const { name, help, labelNames } = this.#note('counter', wishes);
    return this.#register(wishes, new PlainCounter(name, help, labelNames));
  }

  /** Not shown before it is set: zero would be a figure. */
  gauge<Label extends string = never>(wishes: Wishes<Label>): Gauge<Label> {
    const noted = this.#note('gauge', wishes);
    const gauge = new Gauge<Label>({ ...noted, registers: this.#registersOf(wishes) });
    if (noted.labelNames.length === 0) gauge.remove();
    return gauge;
  }

  asked<Label extends string = never>(wishes: Wishes<Label>): AskedGauge<Label> {
    const { name, help, labelNames } = this.#note('gauge', wishes);
    return this.#register(wishes, new AskedGauge(name, help, labelNames));
  }

  /** Of seconds, where nothing else is said. */
  distribution<Label extends string = never>(
    wishes: Wishes<Label>,
    buckets: readonly number[] = SECONDS,
  ): Distribution<Label> {
    const { name, help, labelNames } = this.#note('histogram', wishes, buckets);
    return this.#register(wishes, new Distribution(name, help, labelNames, buckets));
  }

  #note<Label extends string>(
    type: Instrument['type'],
    { name, help, roles, labelNames = [] }: Wishes<Label>,
    buckets?: readonly number[],
  ): { readonly name: string; readonly help: string; readonly labelNames: readonly Label[] } {
    this.instruments.push({ name, type, help, labels: labelNames, roles, buckets });
    return { name, help, labelNames };
  }

  #registersOf({ roles }: Wishes<string>): Registry[] {
    return roles.some((role) => this.#shown.has(role)) ? [this.registry] : [];
  }

  /** The registry takes whatever has a name and, when it is asked, values. */
  #register<Made>(wishes: Wishes<string>, made: Made): Made {
    for (const registry of this.#registersOf(wishes)) {
      registry.registerMetric(made as unknown as Metric<string>);
    }
    return made;
  }
}
