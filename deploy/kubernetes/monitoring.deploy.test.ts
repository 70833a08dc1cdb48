/** What the rules reckon by comes from the targets: on Kubernetes from the ServiceMonitor, of either tool. */
import { beforeAll, describe, expect, test } from 'vitest';
import { goProgram } from './go-programs.ts';
import { type Manifest, ofKind } from './manifest.ts';
import { renderChart, renderOverlay } from './rendering.ts';

beforeAll(async () => {
  await goProgram('helm');
  await goProgram('kustomize');
});

interface Relabeling {
  readonly targetLabel: string;
  readonly sourceLabels?: readonly string[];
  readonly separator?: string;
}

interface MonitorSpec {
  readonly endpoints: readonly { readonly relabelings: readonly Relabeling[] }[];
}

function relabelings(manifests: readonly Manifest[]): ReadonlyMap<string, Relabeling> {
  const endpoints = ofKind(manifests, 'ServiceMonitor').flatMap(
    ({ spec }) => (spec as MonitorSpec).endpoints,
  );
  return new Map(endpoints.flatMap((each) => each.relabelings).map((each) => [each.targetLabel, each]));
}

const ways = [
  ['the chart', () => renderChart({ file: 'production' })],
  ['the overlay', () => renderOverlay('production')],
] as const;

describe.each(ways)('%s', (_, render) => {
  test('labels what it scrapes with all that rules and dashboards reckon by', async () => {
    const labels = relabelings(await render());
    expect([...labels.keys()].sort()).toEqual(['deployment', 'instance', 'job', 'role']);
    expect(labels.get('deployment')).toMatchObject({
      sourceLabels: ['__meta_kubernetes_namespace', '__meta_kubernetes_pod_label_app_kubernetes_io_instance'],
      separator: '/',
    });
  });
});

test('of several releases one brings the rules, and all are scraped', async () => {
  const manifests = await renderChart({ file: 'production', values: { monitoring: { rules: false } } });
  const kinds = new Set(manifests.map(({ kind }) => kind));
  expect(kinds).toContain('ServiceMonitor');
  expect(kinds).not.toContain('PrometheusRule');
  expect((await renderChart({ file: 'production' })).map(({ kind }) => kind)).toContain('PrometheusRule');
});
