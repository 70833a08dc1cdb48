/** The operator's dashboard, its lower half: pools and clocks, disks, certificates, backups and their trials. */
import { type Chapter, OF_DEPLOYMENT, OF_NODE } from './dashboard.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

const pools: Chapter = {
  title: 'PostgreSQL, Redis, clocks',
  rows: [
    {
      height: 7,
      panels: [
        {
          title: 'Pools: in use',
          says: 'The part of a pool’s connections that is lent out, the mean of all nodes.',
          kind: 'timeseries',
          unit: 'percentunit',
          min: 0,
          max: 1,
          queries: [
            {
              expr: `avg by (pool) (sum by (instance, pool) (postgres_pool_connections{state="busy", ${OF_NODE}}) / on (instance, pool) postgres_pool_connections_max{${OF_NODE}})`,
              legend: '{{pool}}',
            },
          ],
        },
        {
          title: 'Pools: waiting',
          says: 'Who waits for a connection.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          queries: [{ expr: `sum by (pool) (postgres_pool_waiting{${OF_NODE}})`, legend: '{{pool}}' }],
          thresholds: [{ from: 1, colour: 'yellow' }],
        },
        {
          title: 'Redis',
          says: 'Processes whose Redis answers, and those whose does not.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          needs: 'many processes',
          queries: [
            { expr: `sum(redis_connected{${OF_NODE}})`, legend: 'connected' },
            { expr: `count(redis_connected{${OF_NODE}} == 0) or vector(0)`, legend: 'not connected' },
          ],
        },
        {
          title: 'Clocks',
          says: 'Each machine’s clock less PostgreSQL’s, at least.',
          kind: 'timeseries',
          unit: 's',
          queries: [{ expr: `clock_offset_seconds{${OF_NODE}}`, legend: '{{instance}}' }],
        },
      ],
    },
  ],
};

const care: Chapter = {
  title: 'To be done in time',
  rows: [
    {
      height: 5,
      panels: [
        {
          title: 'Disk in use',
          says: 'Of the fullest disk that holds files of ours. PostgreSQL’s and Kafka’s own machines are not among them.',
          kind: 'gauge',
          unit: 'percentunit',
          needs: 'files of its own',
          min: 0,
          max: 1,
          queries: [
            {
              expr: `max(1 - data_disk_free_bytes{${OF_NODE}} / data_disk_size_bytes{${OF_NODE}})`,
              legend: '',
            },
          ],
          thresholds: [
            { from: 0.7, colour: 'yellow' },
            { from: 0.9, colour: 'red' },
          ],
        },
        {
          title: 'Backup age',
          says: 'Since one succeeded. More than four hours is too long.',
          kind: 'stat',
          unit: 's',
          needs: 'maintenance',
          queries: [{ expr: since('backup'), legend: '' }],
          thresholds: [
            { from: 4 * HOUR_SECONDS, colour: 'yellow' },
            { from: 26 * HOUR_SECONDS, colour: 'red' },
          ],
        },
        {
          title: 'Drill age',
          says: 'Since a backup was restored for trial, and proven.',
          kind: 'stat',
          unit: 's',
          needs: 'maintenance',
          queries: [{ expr: since('drill'), legend: '' }],
          thresholds: [{ from: 22 * DAY_SECONDS, colour: 'red' }],
        },
        {
          title: 'Proof age',
          says: 'Since the journal was proven, fact by fact (itirp verify).',
          kind: 'stat',
          unit: 's',
          needs: 'maintenance',
          queries: [{ expr: since('verify'), legend: '' }],
        },
        {
          title: 'Failed last',
          says: 'Of backup, drill, proof and checkpoints: how many did not end well when they last ran.',
          kind: 'stat',
          unit: 'short',
          queries: [
            {
              expr: `count(min by (kind) (maintenance_last_outcome{${OF_DEPLOYMENT}}) == 0) or vector(0)`,
              legend: '',
            },
          ],
          thresholds: [{ from: 1, colour: 'red' }],
        },
        {
          title: 'RTO (drill)',
          says: 'How long coming back from the newest backup took.',
          kind: 'stat',
          unit: 's',
          needs: 'maintenance',
          queries: [{ expr: `max(drill_rto_seconds{${OF_DEPLOYMENT}})`, legend: '' }],
        },
        {
          title: 'Certificate left',
          says: 'Of the node whose certificate ends first.',
          kind: 'stat',
          unit: 's',
          needs: 'TLS',
          queries: [
            { expr: `min(tls_certificate_expiry_timestamp_seconds{${OF_DEPLOYMENT}}) - time()`, legend: '' },
          ],
          base: 'red',
          thresholds: [
            { from: 3 * DAY_SECONDS, colour: 'yellow' },
            { from: 21 * DAY_SECONDS, colour: 'green' },
          ],
        },
      ],
    },
  ],
};

function since(kind: string): string {
  return `time() - max(maintenance_last_success_timestamp_seconds{kind="${kind}", ${OF_DEPLOYMENT}})`;
}

export const KEEPING: readonly Chapter[] = [pools, care];
