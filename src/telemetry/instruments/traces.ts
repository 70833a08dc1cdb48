/** What became of spans. */
import { type Catalogue, EVERY_ROLE } from '../catalogue.ts';

export const traceInstruments = (catalogue: Catalogue) => ({
  traceSpansDropped: catalogue.counter({
    name: 'trace_spans_dropped_total',
    help: 'Spans that were recorded and never came to the collector',
    roles: EVERY_ROLE,
  }),
});
