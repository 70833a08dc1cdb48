/** Each policy is content with what is good, and sees what is bad: one document spoiled a test. */
import { describe, expect, test } from 'vitest';
import { CLOSED_OUTWARD, DEPLOYMENT_POLICIES, isKnownSetting } from './deployment-policies.ts';
import { goodDeployment, type Parts } from './good-deployment.fixture.ts';
import type { Manifest, PodTemplate } from './manifest.ts';
import { POD_POLICIES, stopPatienceMs } from './pod-policies.ts';

const POLICIES = [...POD_POLICIES, ...DEPLOYMENT_POLICIES, CLOSED_OUTWARD];
const secure = (parts: Parts) => parts.container.securityContext ?? {};
const setEnv = (parts: Parts, name: string, value: string): void => {
  parts.container.env = [...(parts.container.env ?? []).filter((env) => env.name !== name), { name, value }];
};
const configure = (parts: Parts, name: string, value: string): void => {
  const map = parts.all.find(({ kind }) => kind === 'ConfigMap');
  if (map?.data !== undefined) map.data[name] = value;
};
const without = (parts: Parts, kind: string): void => {
  const at = parts.all.findIndex((manifest) => manifest.kind === kind);
  parts.all.splice(at, 1);
};
const ENGINE = { 'app.kubernetes.io/component': 'engine' };
/** Of all that the pods may reach, what `isKept`. */
const keepPorts = ({ all }: Parts, isKept: (port: number, protocol: string) => boolean): void => {
  for (const { kind, spec } of all) {
    if (kind !== 'NetworkPolicy') continue;
    const { egress = [] } = spec as { egress?: { ports: { port: number; protocol: string }[] }[] };
    for (const rule of egress) rule.ports = rule.ports.filter(({ port, protocol }) => isKept(port, protocol));
  }
};
const cronJob = (template: PodTemplate, more: object): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'itirp-backup' },
  spec: { jobTemplate: { spec: { template } }, ...more },
});
const NEVER = { 'app.kubernetes.io/component': 'nobody' };

/** How each is spoiled, by the policy that must see it. */
const SPOILED: Readonly<Record<string, Readonly<Record<string, (parts: Parts) => void>>>> = {
  'nobody is root': {
    'the pod says nothing': ({ pod }) => void delete pod.spec.securityContext?.runAsNonRoot,
    'it is somebody else': ({ pod }) => Object.assign(pod.spec.securityContext ?? {}, { runAsUser: 0 }),
    'a container overrules it': (parts) => Object.assign(secure(parts), { runAsUser: 0 }),
  },
  'no privilege is kept or gained': {
    'it is privileged': (parts) => Object.assign(secure(parts), { privileged: true }),
    'it may gain more': (parts) => void delete secure(parts).allowPrivilegeEscalation,
    'capabilities stay': (parts) => Object.assign(secure(parts), { capabilities: { drop: ['NET_RAW'] } }),
    'one is added': (parts) =>
      Object.assign(secure(parts), { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }),
    'an init container has them': ({ pod, container }) => {
      pod.spec.initContainers = [{ ...container, securityContext: { privileged: true } }];
    },
  },
  'system calls are filtered': {
    'nothing is said': ({ pod }) => void delete pod.spec.securityContext?.seccompProfile,
    'all are let through': ({ pod }) =>
      Object.assign(pod.spec.securityContext ?? {}, { seccompProfile: { type: 'Unconfined' } }),
  },
  'the root file system is read-only': {
    'it can be written': (parts) => void delete secure(parts).readOnlyRootFilesystem,
  },
  'nothing of the machine is shared': {
    'its network is': ({ pod }) => Object.assign(pod.spec, { hostNetwork: true }),
    'its processes are': ({ pod }) => Object.assign(pod.spec, { hostPID: true }),
    'a folder is': ({ pod }) => pod.spec.volumes?.push({ name: 'x', hostPath: { path: '/' } }),
    'a port is': ({ container }) => container.ports?.push({ containerPort: 1, hostPort: 1 }),
  },
  'an image is named exactly': {
    latest: ({ container }) => Object.assign(container, { image: 'itirp:latest' }),
    'without a tag': ({ container }) => Object.assign(container, { image: 'registry:5000/itirp' }),
    'half a digest': ({ container }) => Object.assign(container, { image: 'itirp@sha256:12' }),
  },
  'requests and limits are set, to CPU of all but engines': {
    'no limits': ({ container }) => void delete container.resources?.limits,
    'no limit to CPU, and it is no engine': ({ container }) =>
      Object.assign(container.resources ?? {}, { limits: { memory: '1Gi' } }),
    'an engine without a limit to memory': ({ pod, container }) => {
      pod.metadata.labels = ENGINE;
      Object.assign(container.resources ?? {}, { limits: { cpu: '1' } });
    },
    'no memory': ({ container }) => Object.assign(container.resources ?? {}, { requests: { cpu: '1' } }),
  },
  'a node is probed: alive on /livez, ready on /readyz': {
    'no start is waited for': ({ container }) => void delete container.startupProbe,
    'what is not ready is killed': ({ container }) =>
      Object.assign(container, { livenessProbe: container.readinessProbe }),
    'it is never ready': ({ container }) => void delete container.readinessProbe,
  },
  'a node has time to stop: before SIGTERM, the drain, the stop': {
    'the usual 30 s': ({ pod }) => void delete pod.spec.terminationGracePeriodSeconds,
    'none is left over': ({ pod }) => Object.assign(pod.spec, { terminationGracePeriodSeconds: 40 }),
    'a longer drain': (parts) => setEnv(parts, 'DRAIN_MS', '15000'),
    'a longer sleep': ({ container }) =>
      Object.assign(container, { lifecycle: { preStop: { sleep: { seconds: 20 } } } }),
  },
  'a node listens to all, and is named after its pod': {
    'to itself': (parts) => setEnv(parts, 'HOST', '127.0.0.1'),
    'one name for all': (parts) => setEnv(parts, 'NODE_NAME', 'itirp'),
  },
  'what is mounted is there, and no variable is set twice': {
    'a volume that nobody brings': ({ container }) =>
      Object.assign(container, { volumeMounts: [{ name: 'backups', mountPath: '/backups' }] }),
    'two values for one name': ({ container }) => container.env?.push({ name: 'ROLE', value: 'engine' }),
  },
  'no secret stands in a ConfigMap, in an environment or in a manifest': {
    'a password in an address': (parts) => configure(parts, 'POSTGRES_URL', 'postgres://itirp:abc@db/itirp'),
    'a list of addresses': (parts) => configure(parts, 'URLS', 'kafka:9092,redis://:abc@redis:6379'),
    'a key of 32 bytes': (parts) => configure(parts, 'SALT', '0123456789abcdef'.repeat(4)),
    'a key in base64': (parts) => configure(parts, 'SALT', `${'aB3/'.repeat(10)}aB3=`),
    'a PEM': (parts) => configure(parts, 'CERT', '-----BEGIN PRIVATE KEY-----'),
    'a setting named so': (parts) => setEnv(parts, 'KAFKA_PASSWORD', 'abc'),
    'a Secret with its data': ({ all }) =>
      all.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'itirp' }, data: { A: 'YQ==' } }),
  },
  'a pod is given the secrets that it reads, and no other': {
    'one is read that is not mounted': (parts) =>
      setEnv(parts, 'REDIS_URL_FILE', '/run/secrets/itirp/REDIS_URL'),
    'one is mounted that is not read': ({ pod }) =>
      pod.spec.volumes?.[0]?.secret?.items?.push({ key: 'BACKUP_KEY', path: 'BACKUP_KEY' }),
  },
  "no pod has a token for the cluster's API": {
    'a pod mounts it': ({ pod }) => void delete pod.spec.automountServiceAccountToken,
    'its account does': ({ all }) =>
      void delete all.find(({ kind }) => kind === 'ServiceAccount')?.automountServiceAccountToken,
  },
  'each role may be disrupted one pod at a time, and each budget is for a role': {
    'there is none': (parts) => without(parts, 'PodDisruptionBudget'),
    'it is for nobody': ({ spec }) =>
      Object.assign(spec('PodDisruptionBudget'), { selector: { matchLabels: NEVER } }),
    'it lets nobody go': ({ spec }) => Object.assign(spec('PodDisruptionBudget'), { maxUnavailable: 0 }),
  },
  'every pod is shut in both directions before anything is allowed': {
    'there is no such policy': (parts) => without(parts, 'NetworkPolicy'),
    'one direction alone': ({ spec }) => Object.assign(spec('NetworkPolicy'), { policyTypes: ['Ingress'] }),
    'it is for others': ({ spec }) =>
      Object.assign(spec('NetworkPolicy'), { podSelector: { matchLabels: NEVER } }),
    'it lets in': ({ spec }) => Object.assign(spec('NetworkPolicy'), { ingress: [{ from: [{}] }] }),
  },
  'each node may reach DNS, PostgreSQL, Redis and Kafka': {
    'brokers at another port': (parts) => configure(parts, 'KAFKA_BROKERS', 'a:9092,b:9093'),
    'no names': (parts) => keepPorts(parts, (port, protocol) => port !== 53 || protocol !== 'UDP'),
    'no database': (parts) => keepPorts(parts, (port) => port !== 5432),
    'no Redis': (parts) => keepPorts(parts, (port) => port !== 6379),
  },
  'CronJobs forbid concurrency': {
    'it says nothing': ({ all, pod }) => void all.push(cronJob(pod, {})),
    'one replaces the other': ({ all, pod }) => void all.push(cronJob(pod, { concurrencyPolicy: 'Replace' })),
  },
  'nothing comes in from anywhere, and each policy is for some pod': {
    'from anywhere': ({ spec }) => Object.assign(spec('NetworkPolicy'), { ingress: [{}] }),
    'for nobody': ({ spec }) => Object.assign(spec('NetworkPolicy'), { podSelector: { matchLabels: NEVER } }),
  },
  'a Service leads to one workload and to a port that it has': {
    'to none': ({ spec }) => Object.assign(spec('Service'), { selector: NEVER }),
    'to no port': ({ spec }) => Object.assign(spec('Service'), { ports: [{ targetPort: 'https' }] }),
  },
  'a workload selects its own pods, and no other workload does': {
    'not its own': ({ spec }) => Object.assign(spec('Deployment'), { selector: { matchLabels: NEVER } }),
    "another's too": ({ all, pod }) =>
      all.push({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'x' }, spec: { template: pod } }),
  },
  'the pods of a role are spread over zones': {
    'not at all': ({ pod }) => void delete pod.spec.topologySpreadConstraints,
    'over machines alone': ({ pod }) =>
      Object.assign(pod.spec.topologySpreadConstraints?.[0] ?? {}, { topologyKey: 'kubernetes.io/hostname' }),
    'others are': ({ pod }) =>
      Object.assign(pod.spec.topologySpreadConstraints?.[0] ?? {}, { labelSelector: { matchLabels: NEVER } }),
  },
  "an autoscaler's target exists, and leaves the number to it": {
    'no such target': ({ spec }) =>
      Object.assign(spec('HorizontalPodAutoscaler'), { scaleTargetRef: { kind: 'Deployment', name: 'x' } }),
    'two say how many': ({ spec }) => Object.assign(spec('Deployment'), { replicas: 3 }),
    'more at least than at most': ({ spec }) =>
      Object.assign(spec('HorizontalPodAutoscaler'), { minReplicas: 11 }),
  },
  'every variable that is set is a setting of the program': {
    'of a pod': (parts) => setEnv(parts, 'POSTGRES_URI', 'x'),
    'of the ConfigMap': (parts) => configure(parts, 'SHARDZ', 'x'),
  },
  'a ConfigMap that a pod reads is there': {
    'it is not': (parts) => without(parts, 'ConfigMap'),
  },
  'nothing leaves but for addresses that are named': {
    'to anywhere': ({ spec }) =>
      Object.assign(spec('NetworkPolicy'), { egress: [{ ports: [{ port: 443 }] }] }),
  },
};

test('every policy is spoiled here, and no other', () => {
  expect(Object.keys(SPOILED).sort()).toEqual(POLICIES.map(({ says }) => says).sort());
});

describe.each(POLICIES.map(({ says, check }) => [says, check] as const))('%s', (says, check) => {
  test('what is good passes', () => {
    expect(check(goodDeployment().all)).toEqual([]);
  });
  test.each(Object.entries(SPOILED[says] ?? {}))('seen is: %s', (_title, spoil) => {
    const parts = goodDeployment();
    spoil(parts);
    expect(check(parts.all)).not.toEqual([]);
  });
});

test.each([
  'SECRET_KEY_FILE',
  'BACKUP_KEY_FILE',
  'CHECKPOINT_KEY_FILE',
  'OTEL_SERVICE_NAME',
  'NODE_OPTIONS',
  'SHARDS',
])('%s is a name that something reads', (name) => expect(isKnownSetting(name)).toBe(true));

test('how long a stop may take is what the program says', () => {
  expect(stopPatienceMs()).toBe(30_000);
});
