/** A small deployment that every policy is content with, for tests to spoil. */
import type { Container, Manifest, PodTemplate } from './manifest.ts';

const LABELS = { 'app.kubernetes.io/name': 'itirp', 'app.kubernetes.io/component': 'api' };
const SELECTOR = { matchLabels: LABELS };

const container = (): Container => ({
  name: 'itirp',
  image: 'itirp:0.1.0',
  args: ['serve'],
  envFrom: [{ configMapRef: { name: 'itirp' } }],
  env: [
    { name: 'ROLE', value: 'api' },
    { name: 'HOST', value: '0.0.0.0' },
    { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'DRAIN_MS', value: '5000' },
    { name: 'POSTGRES_URL_FILE', value: '/run/secrets/itirp/POSTGRES_URL' },
  ],
  ports: [{ name: 'http', containerPort: 8000 }],
  startupProbe: { httpGet: { path: '/livez', port: 'http' } },
  livenessProbe: { httpGet: { path: '/livez', port: 'http' } },
  readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
  lifecycle: { preStop: { sleep: { seconds: 5 } } },
  resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
});

const template = (): PodTemplate => ({
  metadata: { labels: LABELS },
  spec: {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
    terminationGracePeriodSeconds: 45,
    topologySpreadConstraints: [{ topologyKey: 'topology.kubernetes.io/zone', labelSelector: SELECTOR }],
    containers: [container()],
    volumes: [
      {
        name: 'secrets',
        secret: { secretName: 'itirp', items: [{ key: 'POSTGRES_URL', path: 'POSTGRES_URL' }] },
      },
    ],
  },
});

const tcp = (port: number) => ({ port, protocol: 'TCP' });

const named = (apiVersion: string, kind: string, name: string, more: object): Manifest => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});

/** What a test spoils: all documents, and the parts that it reaches for most. */
export interface Parts {
  readonly all: Manifest[];
  readonly pod: PodTemplate;
  readonly container: Container;
  /** The spec of the first document of a kind. */
  spec(kind: string): object;
}

export function goodDeployment(): Parts {
  const pod = template();
  const [only = container()] = pod.spec.containers;
  const all = [
    named('apps/v1', 'Deployment', 'itirp-api', { spec: { selector: SELECTOR, template: pod } }),
    named('v1', 'ServiceAccount', 'itirp', { automountServiceAccountToken: false }),
    named('v1', 'ConfigMap', 'itirp', { data: { KAFKA_BROKERS: 'kafka:9092', SHARDS: 'main' } }),
    named('v1', 'Service', 'itirp-api', { spec: { selector: LABELS, ports: [{ targetPort: 'http' }] } }),
    named('policy/v1', 'PodDisruptionBudget', 'itirp-api', {
      spec: { maxUnavailable: 1, selector: SELECTOR },
    }),
    named('autoscaling/v2', 'HorizontalPodAutoscaler', 'itirp-api', {
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'itirp-api' }, minReplicas: 3, maxReplicas: 10 },
    }),
    named('networking.k8s.io/v1', 'NetworkPolicy', 'itirp-deny', {
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    }),
    named('networking.k8s.io/v1', 'NetworkPolicy', 'itirp-callers', {
      spec: {
        podSelector: SELECTOR,
        ingress: [{ from: [{}] }],
        egress: [{ to: [{}], ports: [{ port: 53, protocol: 'UDP' }, ...[53, 5432, 6379, 9092].map(tcp)] }],
      },
    }),
  ];
  const spec = (kind: string): object => {
    const found = all.find((manifest) => manifest.kind === kind);
    if (found?.spec === undefined) throw new Error(`there is no ${kind}`);
    return found.spec;
  };
  return { all, pod, container: only, spec };
}
