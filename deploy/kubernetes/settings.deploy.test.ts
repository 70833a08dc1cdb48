/** The program takes what its pods are given: each pod's environment is judged by the program's own reading of it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { judgeConfig } from '../../src/main/load-config.ts';
import { type Container, type Manifest, ofKind, workloadsIn } from './manifest.ts';
import { OVERLAYS, renderChart, renderOverlay } from './rendering.ts';
import { secretNames } from './settings-schema.ts';

/** What would lie in the files; keys stay files. */
const IN_FILES: Readonly<Record<string, string>> = {
  SECRET_KEY: '3f0c9a4be1d27785a6b4c2d9e8f7a1b05c6d7e8f',
  POSTGRES_URL: 'postgres://itirp:abc@10.20.0.5,10.20.0.6/itirp',
  POSTGRES_REPLICA_URL: 'postgres://itirp:abc@10.20.0.7/itirp',
  DRILL_SCRATCH_URL: 'postgres://itirp:abc@10.20.4.5/drill',
  REDIS_URL: 'rediss://:abc@10.20.1.5:6379',
  KAFKA_PASSWORD: 'abc',
  S3_ACCESS_KEY_ID: 'abc',
  S3_SECRET_ACCESS_KEY: 'abc',
};

const rendered = new Map<string, readonly Manifest[]>();
beforeAll(async () => {
  for (const overlay of OVERLAYS) {
    rendered.set(`the chart for ${overlay}`, await renderChart({ file: overlay }));
    rendered.set(`the overlay ${overlay}`, await renderOverlay(overlay));
  }
  rendered.set('the chart as it stands', await renderChart({}));
});

/** The environment that the container finds, secrets read. */
function environmentOf(container: Container, all: readonly Manifest[]): Record<string, string> {
  const named = (container.envFrom ?? []).map(({ configMapRef }) => configMapRef?.name);
  const maps = ofKind(all, 'ConfigMap').filter(({ metadata }) => named.includes(metadata.name));
  const own = (container.env ?? []).map(({ name, value = 'itirp-0' }) => {
    const secret = name.replace(/_FILE$/, '');
    return secret in IN_FILES ? [secret, IN_FILES[secret]] : [name, value];
  });
  return { ...Object.assign({}, ...maps.map(({ data }) => data)), ...Object.fromEntries(own) };
}

describe.each([
  ...OVERLAYS.flatMap((one) => [`the chart for ${one}`, `the overlay ${one}`]),
  'the chart as it stands',
])('%s', (title) => {
  test('gives no pod anything that the program would refuse', () => {
    const all = rendered.get(title) ?? [];
    const workloads = workloadsIn(all);
    expect(workloads.length).toBeGreaterThanOrEqual(5);
    for (const { title: who, template, isNode } of workloads) {
      for (const container of template.spec.containers) {
        const { config, wrong } = judgeConfig(environmentOf(container, all), !isNode);
        expect(wrong, who).toEqual([]);
        if (!isNode) continue;
        expect(config.ROLE).toEqual([template.metadata.labels?.['app.kubernetes.io/component']]);
        expect(config.KAFKA_BROKERS.length).toBeGreaterThan(0);
        expect(config.HOST).toBe('0.0.0.0');
      }
    }
  });
});

test('every secret that production asks the store for is one that some pod reads', () => {
  const all = rendered.get('the overlay production') ?? [];
  const [external] = ofKind(all, 'ExternalSecret') as [Manifest];
  const { data } = external.spec as { data: { secretKey: string }[] };
  const asked = data.map(({ secretKey }) => secretKey);
  const read = workloadsIn(all).flatMap(({ template }) =>
    template.spec.containers.flatMap(({ env = [] }) => env.map(({ name }) => name.replace(/_FILE$/, ''))),
  );
  expect(asked.toSorted()).toEqual(
    secretNames()
      .filter((name) => read.includes(name))
      .toSorted(),
  );
});

test('doors trust a forwarded address where the ingress controller is before them, and nowhere else', async () => {
  const trusting = async (file: 'dev' | 'production') =>
    workloadsIn(await renderChart({ file }))
      .filter(({ template }) => template.spec.containers[0]?.env?.some(({ name }) => name === 'TRUST_PROXY'))
      .map(({ title }) => title);
  expect(await trusting('dev')).toEqual([]);
  expect(await trusting('production')).toEqual(['Deployment itirp-api']);
});
