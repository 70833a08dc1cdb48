/** What is made from other files of the repository and lies beside the manifests: settings as a schema, and Prometheus' rules. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { configSchema } from './settings-schema.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CHART = 'deploy/kubernetes/chart/itirp';
const RULES = ['recording', 'alerts'];

interface Carried {
  readonly path: string;
  /** The text that the file should have. */
  readonly make: () => string;
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

export const CARRIED: readonly Carried[] = [
  { path: `${CHART}/values.schema.json`, make: () => withSettings(read(`${CHART}/values.schema.json`)) },
  ...RULES.map((name) => ({
    path: `${CHART}/files/${name}.yml`,
    make: () => read(`deploy/prometheus/${name}.yml`),
  })),
  { path: 'deploy/kubernetes/kustomize/overlays/production/prometheus-rule.yaml', make: prometheusRule },
];

/** The hand-written schema, with the part that is the program's. */
function withSettings(text: string): string {
  const schema = JSON.parse(text) as { properties: Record<string, unknown> };
  schema.properties.config = configSchema();
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function prometheusRule(): string {
  const groups = RULES.flatMap(
    (name) => (parse(read(`deploy/prometheus/${name}.yml`)) as { groups: unknown[] }).groups,
  );
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'itirp', labels: { release: 'prometheus' } },
    spec: { groups },
  };
  const says = '# Made from deploy/prometheus by deploy/kubernetes/carry.ts: change it there.\n';
  return says + stringify(rule, { lineWidth: 0 });
}
