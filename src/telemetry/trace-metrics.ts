/** How many spans never came to a collector. */
import { Counter, type Registry } from '@prometheus-io/client';

/** `read` says how many there were so far: asked at each scrape. */
export function countDropped(registry: Registry, read: () => number): void {
  let told = 0;
  const counter = new Counter({
    name: 'trace_spans_dropped_total',
    help: 'Spans that were recorded and never came to the collector',
    registers: [registry],
    collect() {
      const dropped = read();
      counter.inc(dropped - told);
      told = dropped;
    },
  });
}
