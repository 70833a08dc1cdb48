/** What helm and kustomize make of our files: right for Kubernetes, within our policies, and one and the same deployment. */
import { beforeAll, describe, expect, test } from 'vitest';
import { CLOSED_OUTWARD, DEPLOYMENT_POLICIES } from './deployment-policies.ts';
import { type Manifest, ofKind, titleOf, workloadsIn } from './manifest.ts';
import { POD_POLICIES } from './pod-policies.ts';
import { type Given, lintChart, OVERLAYS, renderChart, renderOverlay } from './rendering.ts';
import { KUBERNETES_VERSIONS, Schemas } from './schemas.ts';

/** Whatever can be asked for, at once; two ways for what is either this or that. */
const ALL_ON: Given = {
  file: 'production',
  values: {
    image: { digest: `sha256:${'a'.repeat(64)}`, pullSecrets: ['registry'], pullPolicy: 'Always' },
    config: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.monitoring:4318', QUOTES_SPEED: 1.5 },
    secrets: { tracingHeaders: true },
    tls: { existingSecret: 'itirp-tls' },
    engine: { checkpoints: { storageClassName: 'fast' }, image: { tag: '0.1.1' } },
    ingress: { annotations: { 'nginx.ingress.kubernetes.io/proxy-read-timeout': '75' } },
    scheduling: {
      nodeSelector: { 'kubernetes.io/arch': 'amd64' },
      tolerations: [{ key: 'trading', operator: 'Exists' }],
      priorityClassName: 'trading',
    },
  },
};
const ALL_OFF: Given = {
  values: {
    api: { preStopSeconds: 0, autoscaling: { enabled: false } },
    engine: { checkpoints: { enabled: false } },
    migration: { enabled: false },
    verify: { enabled: false },
  },
};
/** Beside another one in the same namespace: no name may be written out. */
const SECOND: Given = { ...ALL_ON, release: 'desk' };
const BY_DRIVER: Given = {
  values: {
    secrets: { existingSecret: '', secretProviderClass: 'itirp' },
    backup: {
      enabled: true,
      existingClaim: 'backups',
      encrypted: false,
      drill: { enabled: true, scratch: false },
    },
  },
};

const CHARTS: readonly (readonly [string, Given])[] = [
  ['the chart as it stands', {}],
  ['the chart for development', { file: 'dev' }],
  ['the chart for production', { file: 'production' }],
  ['the chart with everything', ALL_ON],
  ['the chart with nothing', ALL_OFF],
  ['the chart under another name', SECOND],
  ["the chart with a driver's secrets and a volume for backups", BY_DRIVER],
];

const rendered = new Map<string, readonly Manifest[]>();
const schemas: Schemas[] = [];
beforeAll(async () => {
  for (const [title, given] of CHARTS) rendered.set(title, await renderChart(given));
  for (const overlay of OVERLAYS) rendered.set(`the overlay ${overlay}`, await renderOverlay(overlay));
  for (const version of KUBERNETES_VERSIONS) schemas.push(await Schemas.of(version));
});

const all = (title: string): readonly Manifest[] => {
  const found = rendered.get(title);
  if (found === undefined) throw new Error(`${title} was not rendered`);
  return found;
};

const titles = [...CHARTS.map(([title]) => title), ...OVERLAYS.map((overlay) => `the overlay ${overlay}`)];

describe.each(titles)('%s', (title) => {
  test('is what the oldest and the newest Kubernetes take, and names nothing that they do not know', async () => {
    for (const version of schemas) {
      for (const manifest of all(title)) expect(await version.faults(manifest)).toEqual([]);
    }
  });
  test.each([...POD_POLICIES, ...DEPLOYMENT_POLICIES].map(({ says, check }) => [says, check] as const))(
    '%s',
    (_says, check) => {
      expect(check(all(title))).toEqual([]);
    },
  );
  test('has all roles, and each pod has its own', () => {
    const roles = workloadsIn(all(title)).filter(({ isNode }) => isNode);
    const named = roles.map(({ title: role }) => role.replace(' desk-', ' '));
    expect(named.sort()).toEqual([
      'Deployment itirp-api',
      'Deployment itirp-projector',
      'Deployment itirp-publisher',
      'StatefulSet itirp-engine',
    ]);
    for (const { manifest, template } of roles) {
      const role = manifest.metadata.name.split('-').at(-1);
      expect(template.spec.containers[0]?.env).toContainEqual({ name: 'ROLE', value: role });
    }
  });
});

test.each(['the chart for production', 'the chart with everything', 'the overlay production'])(
  '%s lets nothing out but to addresses that are named',
  (title) => {
    const faults = CLOSED_OUTWARD.check(all(title));
    const unnamed = title === 'the chart with everything' ? ['nodes'] : []; // the collector's is not given there
    expect(faults).toEqual(unnamed.map((name) => expect.stringContaining(`itirp-${name}`)));
  },
);

test('production has what only it needs', () => {
  const kinds = new Set(all('the chart for production').map(({ kind }) => kind));
  for (const kind of [
    'CronJob',
    'ExternalSecret',
    'HorizontalPodAutoscaler',
    'Ingress',
    'Job',
    'PrometheusRule',
    'ServiceMonitor',
  ]) {
    expect(kinds).toContain(kind);
  }
  expect(ofKind(all('the chart for production'), 'CronJob').map(titleOf)).toEqual([
    'CronJob itirp-backup',
    'CronJob itirp-drill',
    'CronJob itirp-restore',
    'CronJob itirp-verify',
  ]);
});

test('only the restore never runs by itself, and nothing that grows with the journal has a deadline', () => {
  const jobs = ofKind(all('the chart for production'), 'CronJob').map(({ metadata, spec }) => {
    const { suspend = false, jobTemplate } = spec as { suspend?: boolean; jobTemplate: { spec: object } };
    expect(jobTemplate.spec).not.toHaveProperty('activeDeadlineSeconds');
    return [metadata.name, suspend];
  });
  expect(jobs.filter(([, isSuspended]) => isSuspended)).toEqual([['itirp-restore', true]]);
});

test('with TLS in the cluster the ingress speaks it, and Prometheus believes our authority or, where told, anybody', async () => {
  const [ingress] = ofKind(all('the chart with everything'), 'Ingress');
  expect(ingress?.metadata.annotations).toMatchObject({
    'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS',
    'nginx.ingress.kubernetes.io/proxy-read-timeout': '75',
  });
  const endpointOf = (manifests: readonly Manifest[]): unknown =>
    ofKind(manifests, 'ServiceMonitor').map(({ spec }) => (spec as { endpoints: unknown[] }).endpoints[0])[0];
  expect(endpointOf(all('the chart with everything'))).toMatchObject({
    tlsConfig: { serverName: 'itirp-api', ca: { secret: { name: 'itirp-tls', key: 'ca.crt' } } },
  });
  const tls = { existingSecret: 'itirp-tls' };
  const blind = await renderChart({
    values: { tls, monitoring: { enabled: true, insecureSkipVerify: true } },
  });
  expect(endpointOf(blind)).toMatchObject({ scheme: 'https', tlsConfig: { insecureSkipVerify: true } });
});

test('a drill fills the live database only where it is told to', () => {
  const read = (title: string): readonly string[] =>
    workloadsIn(all(title))
      .filter(({ title: who }) => who === 'CronJob itirp-drill')
      .flatMap(({ template }) => template.spec.containers[0]?.env ?? [])
      .map(({ name }) => name);
  expect(read('the chart for production')).toContain('DRILL_SCRATCH_URL_FILE');
  const elsewhere = read("the chart with a driver's secrets and a volume for backups");
  expect(elsewhere).toContain('BACKUP_TO');
  expect(elsewhere).not.toContain('DRILL_SCRATCH_URL_FILE');
});

test('nothing of a second deployment has a name of the first, or its labels', () => {
  for (const { kind, metadata, ...rest } of all('the chart under another name')) {
    expect(metadata.name, kind).toMatch(/^desk-itirp/);
    expect(JSON.stringify(rest)).not.toContain('"app.kubernetes.io/instance":"itirp"');
  }
});

test('a release is rolled out role by role: the migration first, and whoever is held back stays', async () => {
  const old = { image: { tag: '0.1.0' } };
  const half = await renderChart({ values: { image: { tag: '0.2.0' }, engine: old, api: old } });
  const images = workloadsIn(half).map(({ title, template }) => [title, template.spec.containers[0]?.image]);
  expect(Object.fromEntries(images)).toEqual({
    'Job itirp-migrate': 'itirp:0.2.0',
    'CronJob itirp-verify': 'itirp:0.2.0',
    'Deployment itirp-projector': 'itirp:0.2.0',
    'Deployment itirp-publisher': 'itirp:0.2.0',
    'StatefulSet itirp-engine': 'itirp:0.1.0',
    'Deployment itirp-api': 'itirp:0.1.0',
  });
});

test('new settings are new pods, by either tool', async () => {
  const mark = async (SHARDS: string): Promise<unknown> => {
    const [api] = workloadsIn(await renderChart({ values: { config: { SHARDS } } }));
    return api?.template.metadata.annotations?.['checksum/config'];
  };
  expect(await mark('a')).toMatch(/^[0-9a-f]{64}$/);
  expect(await mark('a,b')).not.toBe(await mark('a'));
  const [map] = ofKind(all('the overlay dev'), 'ConfigMap');
  expect(map?.metadata.name).toMatch(/^itirp-[0-9a-z]{10}$/);
});

test.each(['the chart for production', 'the overlay production'])(
  '%s is as large as the topology says',
  (title) => {
    const sizes = [...ofKind(all(title), 'Deployment'), ...ofKind(all(title), 'StatefulSet')].map(
      (manifest) => [manifest.metadata.name, (manifest.spec as { replicas?: number }).replicas],
    );
    expect(Object.fromEntries(sizes)).toEqual({
      'itirp-api': undefined, // up to the autoscaler
      'itirp-engine': 3,
      'itirp-projector': 2,
      'itirp-publisher': 2,
    });
    const [scaler] = ofKind(all(title), 'HorizontalPodAutoscaler');
    expect(scaler?.spec).toMatchObject({ minReplicas: 3, maxReplicas: 10 });
  },
);

test('a document that is wrong for Kubernetes is found', async () => {
  const [first] = ofKind(all('the chart as it stands'), 'StatefulSet');
  const spec = { ...(first?.spec as object), replicas: 'three', replica: 3 };
  const wrong = { ...first, spec } as Manifest;
  for (const version of schemas) {
    const faults = (await version.faults(wrong)).join('\n');
    expect(faults).toContain('/spec/replicas must be integer');
    expect(faults).toContain('"additionalProperty":"replica"');
  }
  const [monitor] = ofKind(all('the chart for production'), 'ServiceMonitor');
  const unknown = { ...monitor, spec: { ...(monitor?.spec as object), endpoint: [] } } as Manifest;
  expect(await schemas[0]?.faults(unknown)).toHaveLength(1);
});

test.each([{}, ...CHARTS.map(([, given]) => given)])(
  'helm itself finds nothing to say of the chart',
  async (given) => {
    expect(await lintChart(given)).toContain('0 chart(s) failed');
  },
);
