/** What every pod of ours must be, looked at by itself: the restricted profile of Pod Security, and our own demands. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Container,
  containersOf,
  type Manifest,
  ofKind,
  type Workload,
  workloadsIn,
} from './manifest.ts';

/** `check` returns one sentence for each thing that is wrong. */
export interface Policy {
  readonly says: string;
  readonly check: (all: readonly Manifest[]) => readonly string[];
}

/** A rule on one workload: false is wrong. */
const forWorkloads = (says: string, isFine: (workload: Workload) => boolean): Policy => ({
  says,
  check: (all) =>
    workloadsIn(all)
      .filter((workload) => !isFine(workload))
      .map(({ title }) => `${title}: ${says}`),
});

const forContainers = (says: string, isFine: (container: Container) => boolean): Policy =>
  forWorkloads(says, (workload) => containersOf(workload).every(isFine));

const forNodes = (says: string, isFine: (workload: Workload) => boolean): Policy =>
  forWorkloads(says, (workload) => !workload.isNode || isFine(workload));

const isExact = (image: string): boolean =>
  image.includes('@')
    ? /@sha256:[0-9a-f]{64}$/.test(image)
    : /:[\w][\w.-]*$/.test(image) && !image.endsWith(':latest');

/** Throttled for 100 ms, an engine holds every order of its shards for as long: it has no limit to CPU (tuning.md). */
const isEngine = ({ template }: Workload): boolean =>
  template.metadata.labels?.['app.kubernetes.io/component'] === 'engine';

const hasAmounts = (workload: Workload): boolean =>
  containersOf(workload).every(({ resources: { requests, limits } = {} }) => {
    const given = [requests?.cpu, requests?.memory, limits?.memory];
    return given.every((amount) => amount !== undefined) && (isEngine(workload) || limits?.cpu !== undefined);
  });

const settingOf = (container: Container, name: string): string | undefined =>
  container.env?.find((env) => env.name === name)?.value;

/** As `itirp serve` has it: how long a stop may take after the drain, before it is given up. Milliseconds. */
export function stopPatienceMs(): number {
  const serve = readFileSync(join(import.meta.dirname, '../../src/cli/commands/serve.ts'), 'utf8');
  const found = /STOP_PATIENCE_MS = ([\d_]+);/.exec(serve)?.[1];
  if (found === undefined) throw new Error('serve.ts no longer says how long a stop may take');
  return Number(found.replaceAll('_', ''));
}

function leavesTimeToStop({ template: { spec } }: Workload): boolean {
  const { terminationGracePeriodSeconds: grace = 30, containers } = spec;
  return containers.every((container) => {
    const preStop = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
    return grace * 1000 > preStop * 1000 + Number(settingOf(container, 'DRAIN_MS') ?? 0) + stopPatienceMs();
  });
}

/** Passwords in addresses, keys, and what looks random enough to be one. */
const SECRET_LOOKING = [/:\/\/[^/\s]*:[^@/\s]+@/, /-----BEGIN/, /^[0-9a-f]{32,}$/i, /^[\w+/-]{43}=?$/];
const SECRET_NAMED = /(PASSWORD|SECRET|TOKEN|PRIVATE|_KEY|API_?KEY|CREDENTIAL)/i;

/** A name that ends in _FILE says where the secret lies, and is none. */
const looksSecret = (name: string, value: string): boolean =>
  !name.endsWith('_FILE') &&
  (SECRET_NAMED.test(name) || SECRET_LOOKING.some((pattern) => pattern.test(value)));

const openSecrets: Policy = {
  says: 'no secret stands in a ConfigMap, in an environment or in a manifest',
  check: (all) => [
    ...ofKind(all, 'ConfigMap').flatMap((map) =>
      Object.entries(map.data ?? {})
        .filter(([name, value]) => looksSecret(name, value))
        .map(([name]) => `ConfigMap ${map.metadata.name} shows ${name}`),
    ),
    ...workloadsIn(all).flatMap((workload) =>
      containersOf(workload)
        .flatMap(({ env = [] }) => env)
        .filter(({ name, value = '' }) => looksSecret(name, value))
        .map(({ name }) => `${workload.title} shows ${name}`),
    ),
    ...ofKind(all, 'Secret').map(({ metadata }) => `Secret ${metadata.name} is in the manifests`),
  ],
};

const mountedSecrets: Policy = {
  says: 'a pod is given the secrets that it reads, and no other',
  check: (all) =>
    workloadsIn(all).flatMap((workload) => {
      const given = workload.template.spec.volumes?.find(({ name }) => name === 'secrets')?.secret?.items;
      if (given === undefined) return []; // from a driver, which mounts what its own class says
      const read = containersOf(workload).flatMap(({ env = [] }) =>
        env.flatMap(({ value = '' }) => /^\/run\/secrets\/itirp\/(.+)$/.exec(value)?.[1] ?? []),
      );
      const mounted = given.map(({ path }) => path);
      const wrong = [
        ...read.filter((name) => !mounted.includes(name)),
        ...mounted.filter((name) => !read.includes(name)),
      ];
      return wrong.map((name) => `${workload.title}: ${name} is not both mounted and read`);
    }),
};

const tokens: Policy = {
  says: "no pod has a token for the cluster's API",
  check: (all) => [
    ...workloadsIn(all)
      .filter(({ template }) => template.spec.automountServiceAccountToken !== false)
      .map(({ title }) => `${title} may have a token mounted`),
    ...ofKind(all, 'ServiceAccount')
      .filter((account) => account.automountServiceAccountToken !== false)
      .map(({ metadata }) => `ServiceAccount ${metadata.name} mounts its token`),
  ],
};

/** Kubernetes refuses the first at the last moment, and takes the second without a word: the later value wins. */
const wellFormed = ({ template: { spec } }: Workload): boolean => {
  const volumes = (spec.volumes ?? []).map(({ name }) => name);
  return spec.containers.every(({ volumeMounts = [], env = [] }) => {
    const names = env.map(({ name }) => name);
    return volumeMounts.every(({ name }) => volumes.includes(name)) && new Set(names).size === names.length;
  });
};

/** Volumes that a StatefulSet claims for each pod are not in the pod's own list. */
const withClaims = (workload: Workload): Workload => {
  const { volumeClaimTemplates: claims = [] } = workload.manifest.spec as {
    volumeClaimTemplates?: Manifest[];
  };
  const claimed = claims.map(({ metadata: { name } }) => ({ name }));
  const spec = {
    ...workload.template.spec,
    volumes: [...(workload.template.spec.volumes ?? []), ...claimed],
  };
  return { ...workload, template: { ...workload.template, spec } };
};

export const POD_POLICIES: readonly Policy[] = [
  forWorkloads('nobody is root', ({ template: { spec } }) => {
    const { runAsNonRoot, runAsUser } = spec.securityContext ?? {};
    const isOverruled = spec.containers.some(
      ({ securityContext: own }) => own?.runAsNonRoot === false || own?.runAsUser !== undefined,
    );
    return runAsNonRoot === true && runAsUser === 10_001 && !isOverruled;
  }),
  forContainers('no privilege is kept or gained', ({ securityContext: own }) => {
    const dropped = own?.capabilities?.drop ?? [];
    const added = own?.capabilities?.add ?? [];
    const isPlain = own?.privileged !== true && own?.allowPrivilegeEscalation === false;
    return isPlain && dropped.includes('ALL') && added.length === 0;
  }),
  forWorkloads('system calls are filtered', ({ template: { spec } }) => {
    return spec.securityContext?.seccompProfile?.type === 'RuntimeDefault';
  }),
  forContainers('the root file system is read-only', ({ securityContext: own }) => {
    return own?.readOnlyRootFilesystem === true;
  }),
  forWorkloads('nothing of the machine is shared', ({ template: { spec } }) => {
    const { hostNetwork, hostPID, hostIPC, volumes = [], containers } = spec;
    const ports = containers.flatMap((container) => container.ports ?? []);
    const isApart = ![hostNetwork, hostPID, hostIPC].includes(true);
    return (
      isApart &&
      volumes.every((one) => one.hostPath === undefined) &&
      ports.every((one) => one.hostPort === undefined)
    );
  }),
  forContainers('an image is named exactly', ({ image }) => isExact(image)),
  forWorkloads('requests and limits are set, to CPU of all but engines', hasAmounts),
  forNodes('a node is probed: alive on /livez, ready on /readyz', ({ template: { spec } }) =>
    spec.containers.every(
      ({ startupProbe, livenessProbe, readinessProbe }) =>
        startupProbe?.httpGet?.path === '/livez' &&
        livenessProbe?.httpGet?.path === '/livez' &&
        readinessProbe?.httpGet?.path === '/readyz',
    ),
  ),
  forNodes('a node has time to stop: before SIGTERM, the drain, the stop', leavesTimeToStop),
  forNodes('a node listens to all, and is named after its pod', ({ template: { spec } }) =>
    spec.containers.every((container) => {
      const named = container.env?.find(({ name }) => name === 'NODE_NAME')?.valueFrom?.fieldRef?.fieldPath;
      return settingOf(container, 'HOST') === '0.0.0.0' && named === 'metadata.name';
    }),
  ),
  forWorkloads('what is mounted is there, and no variable is set twice', (workload) =>
    wellFormed(withClaims(workload)),
  ),
  openSecrets,
  mountedSecrets,
  tokens,
];
