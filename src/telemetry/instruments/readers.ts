/** How far the readers of the journal are behind it: the SQL views, and the news on the bus. */
import type { Catalogue } from '../catalogue.ts';

const labelNames = ['shard'] as const;

export const readerInstruments = (catalogue: Catalogue) => ({
  projectionLag: catalogue.gauge({
    name: 'projection_lag_events',
    help: 'Committed facts that the read models do not hold yet',
    labelNames,
    roles: ['projector'],
  }),
  projectionLagSeconds: catalogue.gauge({
    name: 'projection_lag_seconds',
    help: 'Age of the oldest fact that the read models do not hold yet; 0: they hold all',
    labelNames,
    roles: ['projector'],
  }),
  publisherLag: catalogue.gauge({
    name: 'publisher_lag_events',
    help: 'Committed facts that the bus was not told of yet',
    labelNames,
    roles: ['publisher'],
  }),
  publisherLagSeconds: catalogue.gauge({
    name: 'publisher_lag_seconds',
    help: 'Age of the oldest fact that the bus was not told of yet; 0: it was told all',
    labelNames,
    roles: ['publisher'],
  }),
});
