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
    at: '8m',
    still: '6h',
    fires: { 'postgres_synchronous_standbys{instance="e1"}': '1x3 0x400' },
    summary: 'PostgreSQL of prod has no synchronous standby any more',
    quiet: { 'postgres_synchronous_standbys{instance="e1"}': '0x400' }, // it never had one
  },
  {
    alert: 'ItirpReplicationUnseen',
    at: '20m',
    still: '6h',
    fires: { 'journal_position{instance="e1", shard="desk-a"}': '5x400' },
    summary: 'nobody sees the standbys of prod',
    quiet: {
      'journal_position{instance="e1", shard="desk-a"}': '5x400',
      'postgres_synchronous_standbys{instance="e2"}': '0x400', // seen by one: there is none
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
    alert: 'ItirpRoleGone',
    at: '9m',
    still: '6h',
    fires: {
      'node_ready{instance="p1", role="projector"}': '1x5 stale', // its pod is gone, and with it the target
      'node_ready{instance="p2", role="projector"}': '_x5 0x400', // the next one does not come up
      'node_ready{instance="a1", role="api"}': '1x400',
    },
    labels: { role: 'projector' },
    summary: 'no projector of prod is ready',
    quiet: {
      'node_ready{instance="p1", role="projector"}': '1x5 stale',
      'node_ready{instance="p2", role="projector"}': '_x5 0 1x400', // a rollout
    },
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
    quiet: certificate(4 * 86_400),
  },
  {
    alert: 'ItirpSpansDropped',
    at: '25m',
    fires: { 'trace_spans_dropped_total{instance="a1"}': '0+120x30' },
    labels: { instance: 'a1' },
    summary: 'a1 loses 2 spans a second',
    quiet: { 'trace_spans_dropped_total{instance="a1"}': '0x8 500x22' }, // the collector was restarted
  },
];

/** A target that says that no backups are taken, on purpose. */
export const NO_BACKUPS: SeriesTable = {
  'up{job="itirp", instance="p1", role="projector", backups="none"}': '1x500',
};

const MAINTENANCE: readonly AlertCase[] = [
  {
    alert: 'ItirpBackupOverdue',
    at: '10m',
    still: '6h',
    fires: lastSuccess('backup', -4 * 3600), // the clock of these tests begins at zero
    summary: 'prod has had no good backup for 4h 10m 0s',
    quiet: lastSuccess('backup', -3.75 * 3600),
  },
  {
    alert: 'ItirpBackupLongOverdue',
    at: '10m',
    still: '6h',
    fires: lastSuccess('backup', -26 * 3600),
    summary: 'prod has had no good backup for 1d 2h 10m 0s',
    quiet: lastSuccess('backup', -25 * 3600),
  },
  {
    alert: 'ItirpBackupNever',
    at: '5h',
    still: '8h',
    fires: {
      'projection_lag_events{instance="p1", shard="desk-a"}': '0x500',
      ...lastSuccess('drill', 0),
    },
    summary: 'no backup of prod has ever succeeded',
    quiet: {
      'projection_lag_events{instance="p1", shard="desk-a"}': '0x500',
      ...NO_BACKUPS,
    },
  },
  {
    alert: 'ItirpBackupFailed',
    at: '5m',
    still: '6h',
    fires: outcome('backup', 0),
    summary: 'the last backup of prod failed',
    quiet: { ...outcome('backup', 1), ...outcome('drill', 0) },
  },
  {
    alert: 'ItirpDrillOverdue',
    at: '70m',
    still: '6h',
    fires: lastSuccess('drill', -22 * 86_400),
    summary: 'no backup of prod was restored for trial for three weeks, or ever',
    quiet: lastSuccess('drill', -21 * 86_400),
  },
  {
    alert: 'ItirpDrillFailed',
    at: '5m',
    still: '6h',
    fires: outcome('drill', 0),
    summary: 'the last drill of prod failed',
    quiet: { ...outcome('drill', 1), ...outcome('backup', 0) },
  },
  {
    alert: 'ItirpVerifyOverdue',
    at: '70m',
    still: '6h',
    fires: { ...lastSuccess('verify', -3 * 86_400), ...lastSuccess('drill', -7 * 86_400) },
    summary: 'the journal of prod was not proven for three days, or ever',
    quiet: { ...lastSuccess('verify', -9 * 86_400), ...lastSuccess('drill', -86_400) }, // a drill proves it too
  },
  {
    alert: 'ItirpVerifyFailed',
    at: '5m',
    fires: outcome('verify', 0),
    summary: 'the journal of prod was not proven',
    quiet: { ...outcome('verify', 1), ...outcome('checkpoints', 0) },
  },
  {
    alert: 'ItirpCheckpointsFailed',
    at: '5m',
    fires: outcome('checkpoints', 0),
    summary: 'the signed checkpoints of prod do not hold',
    quiet: { ...outcome('checkpoints', 1), ...outcome('verify', 0) },
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
    [`maintenance_last_success_timestamp_seconds{instance="e1", kind="${kind}"}`]: `${at}x500`,
  };
}

function outcome(kind: string, value: 0 | 1): SeriesTable {
  return { [`maintenance_last_outcome{instance="e1", kind="${kind}"}`]: `${value}x500` };
}

export const OPERATING_CASES = [...DATABASE, ...NODES, ...MAINTENANCE];
