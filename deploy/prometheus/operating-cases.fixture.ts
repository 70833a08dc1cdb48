/** The same for what nodes, databases and those who keep them need: what sets an alert off, and what must not. */
import type { AlertCase, SeriesTable } from './alert-cases.fixture.ts';

const DATABASE: readonly AlertCase[] = [
  {
    alert: 'ItirpReplicationLag',
    at: '5m',
    fires: { 'postgres_replication_lag_seconds{instance="e1", standby="postgres-2"}': '25x10' },
    labels: { standby: 'postgres-2' },
    summary: 'the standby postgres-2 is 25s behind',
    quiet: { 'postgres_replication_lag_seconds{instance="e1", standby="postgres-2"}': '0 0 0 25 25 0' },
  },
  {
    alert: 'ItirpNoSynchronousStandby',
    at: '5m',
    fires: {
      'postgres_synchronous_standbys{instance="e1"}': '0x10',
      'up{job="itirp", instance="e1"}': '1x10',
      'up{job="itirp", instance="a1"}': '1x10',
    },
    summary: 'PostgreSQL has no synchronous standby',
    quiet: {
      'postgres_synchronous_standbys{instance="e1"}': '0x10',
      'up{job="itirp", instance="e1"}': '1x10',
    },
  },
  {
    alert: 'ItirpPoolExhausted',
    at: '6m',
    fires: { 'postgres_pool_waiting{instance="a1", pool="orders"}': '3x10' },
    labels: { instance: 'a1', pool: 'orders' },
    summary: 'the pool orders of a1 is exhausted',
    quiet: { 'postgres_pool_waiting{instance="a1", pool="orders"}': '3 0 3 0 3 0 3 0' }, // full, and it flows
  },
  {
    alert: 'ItirpClockOffset',
    at: '10m',
    fires: { 'clock_offset_seconds{instance="a1"}': '-0.4x20' },
    labels: { instance: 'a1' },
    summary: 'the clock of a1 is 400ms away from the database',
    quiet: { 'clock_offset_seconds{instance="a1"}': '-0.02x20' },
  },
];

const NODES: readonly AlertCase[] = [
  {
    alert: 'ItirpNodeDown',
    at: '5m',
    fires: { 'up{job="itirp", instance="a1", role="api"}': '1 1 0x10' },
    labels: { job: 'itirp', instance: 'a1', role: 'api' },
    summary: 'a1 cannot be reached',
    quiet: { 'up{job="itirp", instance="a1", role="api"}': '1 1 1 1 0 1 1' }, // restarted
  },
  {
    alert: 'ItirpNodeNotReady',
    at: '5m',
    fires: { 'node_ready{instance="a1"}': '0x10' },
    labels: { instance: 'a1' },
    summary: 'a1 runs and is not ready',
    quiet: { 'node_ready{instance="a1"}': '1 1 1 1 0 1' },
  },
  {
    alert: 'ItirpEventLoopSaturated',
    at: '12m',
    fires: { 'event_loop_utilization{instance="e1"}': '0.97x20' },
    labels: { instance: 'e1' },
    summary: 'the event loop of e1 is 97% busy',
    quiet: { 'event_loop_utilization{instance="e1"}': '0.97 0.7 0.97 0.7x20' },
  },
  {
    alert: 'ItirpDiskFilling',
    at: '75m',
    fires: disk('250000-1000x80'), // a quarter is free, and goes within four hours
    labels: { instance: 'e1', place: 'data' },
    summary: 'the disk data of e1 has 17.5% left',
    quiet: disk('250000-100x80'),
  },
  {
    alert: 'ItirpDiskAlmostFull',
    at: '5m',
    fires: disk('40000x10'),
    labels: { instance: 'e1', place: 'data' },
    summary: 'the disk data of e1 has 4% left',
    quiet: disk('60000x10'),
  },
  {
    alert: 'ItirpCertificateExpiresSoon',
    at: '70m',
    fires: certificate(20 * 86_400),
    labels: { instance: 'a1' },
    summary: 'the certificate of a1 ends in 19d 22h 50m 0s',
    quiet: certificate(30 * 86_400),
  },
  {
    alert: 'ItirpCertificateExpires',
    at: '10m',
    fires: certificate(86_400),
    labels: { instance: 'a1' },
    summary: 'the certificate of a1 ends in 23h 50m 0s',
    quiet: certificate(0), // a node without TLS
  },
];

const MAINTENANCE: readonly AlertCase[] = [
  {
    alert: 'ItirpBackupOverdue',
    at: '100m',
    fires: lastSuccess('backup', -25.75 * 3600), // the clock of these tests begins at zero
    summary: 'no backup has succeeded for more than a day, or ever',
    quiet: lastSuccess('backup', -24 * 3600),
  },
  {
    alert: 'ItirpBackupFailed',
    at: '5m',
    fires: outcome('backup', 0),
    summary: 'the last backup failed',
    quiet: { ...outcome('backup', 1), ...outcome('drill', 0) },
  },
  {
    alert: 'ItirpDrillOverdue',
    at: '70m',
    fires: lastSuccess('backup', 0), // backups, and none of them was ever tried
    summary: 'no backup was restored for trial for five weeks, or ever',
    quiet: lastSuccess('drill', -34 * 86_400),
  },
  {
    alert: 'ItirpDrillFailed',
    at: '5m',
    fires: outcome('drill', 0),
    summary: 'the last drill failed',
    quiet: { ...outcome('drill', 1), ...outcome('backup', 0) },
  },
  {
    alert: 'ItirpVerifyFailed',
    at: '5m',
    fires: outcome('verify', 0),
    summary: 'the journal was not proven',
    quiet: { ...outcome('verify', 1), ...outcome('backup', 0) },
  },
];

function disk(free: string): SeriesTable {
  return {
    'data_disk_free_bytes{instance="e1", place="data"}': free,
    'data_disk_size_bytes{instance="e1", place="data"}': '1000000x80',
  };
}

function certificate(endsAt: number): SeriesTable {
  return { 'tls_certificate_expiry_timestamp_seconds{instance="a1"}': `${endsAt}x80` };
}

function lastSuccess(kind: string, at: number): SeriesTable {
  return {
    [`maintenance_last_success_timestamp_seconds{instance="e1", kind="${kind}"}`]: `${at}x100`,
  };
}

function outcome(kind: string, value: 0 | 1): SeriesTable {
  return { [`maintenance_last_outcome{instance="e1", kind="${kind}"}`]: `${value}x10` };
}

export const OPERATING_CASES = [...DATABASE, ...NODES, ...MAINTENANCE];
