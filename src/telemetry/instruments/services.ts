/** What the process leans on: its pools of connections, Redis, and PostgreSQL's copies. */
import { type Catalogue, EVERY_ROLE } from '../catalogue.ts';

export const serviceInstruments = (catalogue: Catalogue) => ({
  poolConnections: catalogue.asked({
    name: 'postgres_pool_connections',
    help: 'Open connections to PostgreSQL, lent (busy) or at hand (idle)',
    labelNames: ['pool', 'state'],
    roles: EVERY_ROLE,
  }),
  poolWaiting: catalogue.asked({
    name: 'postgres_pool_waiting',
    help: 'Askers that wait for a connection',
    labelNames: ['pool'],
    roles: EVERY_ROLE,
  }),
  poolMax: catalogue.asked({
    name: 'postgres_pool_connections_max',
    help: 'Connections that the pool may open',
    labelNames: ['pool'],
    roles: EVERY_ROLE,
  }),
  redisConnected: catalogue.asked({
    name: 'redis_connected',
    help: '1: Redis answers; not shown where none is used',
    roles: EVERY_ROLE,
  }),
  replicationLagSeconds: catalogue.gauge({
    name: 'postgres_replication_lag_seconds',
    help: 'How old what a standby has replayed is, by its own word; 0: it has all',
    labelNames: ['standby'],
    roles: ['engine'],
  }),
  replicationLagBytes: catalogue.gauge({
    name: 'postgres_replication_lag_bytes',
    help: 'Log that a standby has not replayed yet',
    labelNames: ['standby'],
    roles: ['engine'],
  }),
  synchronousStandbys: catalogue.gauge({
    name: 'postgres_synchronous_standbys',
    help: 'Standbys that a commit may wait for, now',
    roles: ['engine'],
  }),
  clockOffset: catalogue.gauge({
    name: 'clock_offset_seconds',
    help: 'This machine’s clock less PostgreSQL’s, at least; 0: no further apart than the question takes',
    roles: EVERY_ROLE,
  }),
});
