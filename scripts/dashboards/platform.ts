/** The operator's dashboard: nodes, requests, what they lean on, who lags, and what wants to be done in time. */
import {
  type Chapter,
  type Dashboard,
  OF_DEPLOYMENT,
  OF_NODE,
  OF_SHARD,
  quantile,
  rate,
  rateOrZero,
} from './dashboard.ts';
import { KEEPING } from './platform-keeping.ts';

const CALLERS = 'route!~"/livez|/readyz|/metrics"';

const now: Chapter = {
  title: 'Now',
  rows: [
    {
      height: 4,
      panels: [
        {
          title: 'Nodes that answer',
          says: 'Processes of ITIRP that Prometheus reaches.',
          kind: 'stat',
          unit: 'short',
          queries: [{ expr: `sum(up{job="itirp", ${OF_NODE}})`, legend: '' }],
        },
        {
          title: 'Nodes that do not',
          says: 'Processes of ITIRP, and balancers, that are in the list and do not answer.',
          kind: 'stat',
          unit: 'short',
          queries: [
            { expr: `count(up{job=~"itirp|haproxy", ${OF_DEPLOYMENT}} == 0) or vector(0)`, legend: '' },
          ],
          thresholds: [{ from: 1, colour: 'red' }],
        },
        {
          title: 'Not ready',
          says: 'They run and take no work: see what stands in the way below.',
          kind: 'stat',
          unit: 'short',
          queries: [{ expr: `count(node_ready{${OF_NODE}} == 0) or vector(0)`, legend: '' }],
          thresholds: [{ from: 1, colour: 'yellow' }],
        },
        {
          title: 'Requests that fail',
          says: 'The part answered with 5xx. Promised: less than 0.1 % in a month.',
          kind: 'stat',
          unit: 'percentunit',
          queries: [
            {
              expr: `(${rate(`http_requests_total{status=~"5..", ${CALLERS}}`)} or vector(0)) / (${rate(`http_requests_total{${CALLERS}}`)} > 0)`,
              legend: '',
            },
          ],
          thresholds: [
            { from: 0.001, colour: 'yellow' },
            { from: 0.01, colour: 'red' },
          ],
        },
        {
          title: 'Alerts',
          says: 'Of ITIRP, firing now: what each means is in docs/operations/runbooks.md.',
          kind: 'stat',
          unit: 'short',
          queries: [
            {
              expr: `count(ALERTS{alertname=~"Itirp.*", alertstate="firing", ${OF_DEPLOYMENT}}) or vector(0)`,
              legend: '',
            },
          ],
          thresholds: [{ from: 1, colour: 'yellow' }],
        },
      ],
    },
  ],
};

const requests: Chapter = {
  title: 'Requests',
  rows: [
    {
      height: 7,
      panels: [
        {
          title: 'Requests',
          says: 'Answered by the API nodes, by status.',
          kind: 'timeseries',
          unit: 'reqps',
          min: 0,
          isStacked: true,
          queries: [{ expr: rate('http_requests_total', 'status'), legend: '{{status}}' }],
        },
        {
          title: 'Problems by code',
          says: 'Requests answered with a problem. Each code is explained in docs/faults.md.',
          kind: 'timeseries',
          unit: 'ops',
          min: 0,
          isStacked: true,
          queries: [{ expr: rateOrZero('http_problems_total', 'code'), legend: '{{code}}' }],
        },
        {
          title: 'Under way',
          says: 'Requests that are not answered yet; commands that wait for their engine’s answer.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          queries: [
            { expr: `sum(http_requests_in_flight{${OF_NODE}})`, legend: 'requests' },
            { expr: `sum(bus_answers_waiting{${OF_NODE}}) or vector(0)`, legend: 'commands' },
          ],
        },
      ],
    },
    {
      height: 8,
      panels: [
        {
          title: 'Duration (P99) by route',
          says: 'From the arrival of a request to its whole answer.',
          kind: 'timeseries',
          unit: 's',
          isLog: true,
          queries: [
            {
              expr: quantile(0.99, 'http_request_duration_seconds', 'method, route', CALLERS),
              legend: '{{method}} {{route}}',
            },
          ],
        },
        {
          title: 'Answers of the balancer',
          says: 'What callers see, by kind; other: connections that broke.',
          kind: 'timeseries',
          unit: 'reqps',
          min: 0,
          isStacked: true,
          needs: 'many processes',
          queries: [
            {
              expr: `sum by (code) (rate(haproxy_frontend_http_responses_total{proxy="public", ${OF_DEPLOYMENT}}[$__rate_interval]))`,
              legend: '{{code}}',
            },
          ],
        },
      ],
    },
  ],
};

const nodes: Chapter = {
  title: 'Nodes',
  rows: [
    {
      height: 7,
      panels: [
        {
          title: 'Nodes',
          says: 'Ready for work, by role.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          isStacked: true,
          queries: [{ expr: `sum by (role) (node_ready{${OF_NODE}})`, legend: '{{role}}' }],
        },
        {
          title: 'Event loop',
          says: 'How busy the one thread of a node is: 100 % leaves no time to wait in.',
          kind: 'timeseries',
          unit: 'percentunit',
          min: 0,
          max: 1,
          queries: [{ expr: `event_loop_utilization{${OF_NODE}}`, legend: '{{instance}}' }],
          thresholds: [{ from: 0.9, colour: 'red' }],
        },
        {
          title: 'Memory',
          says: 'Resident, as the system counts it.',
          kind: 'timeseries',
          unit: 'bytes',
          min: 0,
          queries: [
            { expr: `process_resident_memory_bytes{job="itirp", ${OF_NODE}}`, legend: '{{instance}}' },
          ],
        },
      ],
    },
    {
      height: 6,
      panels: [
        {
          title: 'What stands in the way',
          says: 'Parts that keep nodes from being ready.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          queries: [
            {
              expr: `sum by (part) (node_unready_reason{${OF_NODE}}) or on () vector(0)`,
              legend: '{{part}}',
            },
          ],
        },
        {
          title: 'API nodes in use',
          says: 'Those that the balancer sends requests to.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          needs: 'many processes',
          queries: [
            {
              // Of several balancers each tells of every node.
              expr: `sum(max by (server) (haproxy_server_status{proxy="api", state="UP", ${OF_DEPLOYMENT}}))`,
              legend: 'in use',
            },
          ],
        },
        {
          title: 'Logins',
          says: 'By outcome.',
          kind: 'timeseries',
          unit: 'ops',
          min: 0,
          queries: [{ expr: rateOrZero('logins_total', 'outcome'), legend: '{{outcome}}' }],
        },
      ],
    },
  ],
};

const readers: Chapter = {
  title: 'Who lags',
  rows: [
    {
      height: 7,
      panels: [
        {
          title: 'Views (projection lag)',
          says: 'Age of the oldest fact that the views in SQL do not hold yet.',
          kind: 'timeseries',
          unit: 's',
          min: 0,
          queries: [{ expr: `max by (shard) (projection_lag_seconds{${OF_SHARD}})`, legend: '{{shard}}' }],
          thresholds: [{ from: 10, colour: 'red' }],
        },
        {
          title: 'News (publisher lag)',
          says: 'Age of the oldest fact that the topics were not told of yet.',
          kind: 'timeseries',
          unit: 's',
          min: 0,
          needs: 'many processes',
          queries: [{ expr: `max by (shard) (publisher_lag_seconds{${OF_SHARD}})`, legend: '{{shard}}' }],
          thresholds: [{ from: 30, colour: 'red' }],
        },
        {
          title: 'Standby (replication lag)',
          says: 'How old what the standby has replayed is.',
          kind: 'timeseries',
          unit: 's',
          min: 0,
          needs: 'many processes',
          queries: [
            {
              expr: `max by (standby) (postgres_replication_lag_seconds{${OF_DEPLOYMENT}})`,
              legend: '{{standby}}',
            },
          ],
          thresholds: [{ from: 10, colour: 'red' }],
        },
        {
          title: 'Synchronous standbys',
          says: 'Those that a commit may wait for. None: commits wait, or one disk holds all.',
          kind: 'timeseries',
          unit: 'short',
          min: 0,
          queries: [{ expr: `max(postgres_synchronous_standbys{${OF_DEPLOYMENT}})`, legend: 'standbys' }],
        },
      ],
    },
  ],
};

export const PLATFORM: Dashboard = {
  uid: 'itirp-platform',
  title: 'ITIRP: Platform',
  says: 'Do the nodes work, what do callers see, who lags, and what wants to be done in time?',
  chapters: [now, requests, nodes, readers, ...KEEPING],
};
