/** The page of every metric, from the instruments in the code. */
import { SECONDS, SIZES } from '../../src/telemetry/buckets.ts';
import { EVERY_ROLE, type Instrument } from '../../src/telemetry/catalogue.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { code, GENERATED, table } from './markdown.ts';

const INTRODUCTION = `# Metrics

\`GET /metrics\`, in Prometheus' text format: at the API's port, and at the port of each node that serves no API. A node
shows the metrics of its roles and no other; a process that is alone has them all. A gauge that is not known just now
(PostgreSQL does not answer, there is no TLS, no drill was ever made) is not shown: absent is not zero.

No label takes a value from a caller. Routes are the patterns as they are registered (\`unmatched\` for all other paths),
methods those of HTTP that we know (\`other\` for the rest), codes are [faults](faults.md), rules are the risk checklist's,
shards and venues are the deployment's, pools are named in the code, standbys by their operators (16 at most). A test
drives the platform with odd callers and holds the number of series under a bound.

Counters begin at zero with the process. Where two shards of one process share a venue, its figures are added up.`;

const BUCKETS = `Histograms of seconds have lines at ${SECONDS.join(', ')}; \`sequencer_batch_commands\` at ${SIZES.join(', ')}.`;

/** Shown where there is a /proc to read them from; the page is the same wherever it is made. */
export const OF_LINUX: readonly string[] = [
  'process_virtual_memory_bytes',
  'process_heap_bytes',
  'process_open_fds',
  'process_max_fds',
];

export function metricsPage(): string {
  const { instruments, registry } = openMetrics();
  const ours = new Set(instruments.map(({ name }) => name));
  const isOfProcess = ({ name }: { readonly name: string }): boolean =>
    !ours.has(name) && !OF_LINUX.includes(name);
  const rows = instruments.map((one) => [code(one.name), one.type, labelsOf(one), one.help, rolesOf(one)]);
  const inherited = registry.getMetricsAsArray().filter(isOfProcess);
  const ofProcess = inherited.map(({ name, type, help }) => [code(name), String(type), help]);
  return [
    GENERATED,
    INTRODUCTION,
    '',
    table(['name', 'type', 'labels', 'what it says', 'shown by'], rows),
    '',
    BUCKETS,
    '',
    '## Of the process',
    '',
    'Every node shows these; the client library measures them. On Linux it also shows',
    `${OF_LINUX.map(code).join(', ')}.`,
    '',
    table(['name', 'type', 'what it says'], ofProcess),
    '',
  ].join('\n');
}

const labelsOf = ({ labels }: Instrument): string => labels.map(code).join(', ');

const rolesOf = ({ roles }: Instrument): string =>
  roles.length === EVERY_ROLE.length ? 'all' : roles.join(', ');
