/** A document of Kubernetes, as far as our tests look into it, and the ways to the pods within. */
import { parseAllDocuments } from 'yaml';

export type Labels = Readonly<Record<string, string>>;

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; labels?: Labels; annotations?: Labels };
  spec?: object;
  data?: Record<string, string>;
  automountServiceAccountToken?: boolean;
}

export interface Env {
  readonly name: string;
  value?: string;
  valueFrom?: { fieldRef?: { fieldPath: string } };
}

export interface Probe {
  httpGet?: { path: string; port: string | number };
}

export interface Container {
  readonly name: string;
  image: string;
  args?: string[];
  env?: Env[];
  envFrom?: { configMapRef?: { name: string } }[];
  ports?: { name?: string; containerPort: number; hostPort?: number }[];
  resources?: { requests?: Labels; limits?: Labels };
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  securityContext?: {
    runAsUser?: number;
    runAsNonRoot?: boolean;
    privileged?: boolean;
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[]; add?: string[] };
  };
  volumeMounts?: { name: string; mountPath: string }[];
}

export interface Volume {
  readonly name: string;
  hostPath?: unknown;
  secret?: { secretName: string; items?: { key: string; path: string }[] };
}

export interface Spread {
  topologyKey: string;
  labelSelector?: Selector;
}

export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
  automountServiceAccountToken?: boolean;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  securityContext?: { runAsUser?: number; runAsNonRoot?: boolean; seccompProfile?: { type: string } };
  terminationGracePeriodSeconds?: number;
  topologySpreadConstraints?: Spread[];
}

export interface PodTemplate {
  metadata: { labels?: Labels; annotations?: Labels };
  spec: PodSpec;
}

export interface Selector {
  matchLabels?: Labels;
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

/** A manifest with pods, and what they look like. */
export interface Workload {
  readonly manifest: Manifest;
  /** `Deployment itirp-api`. */
  readonly title: string;
  readonly template: PodTemplate;
  /** Does it serve until it is told to stop? The others do their work and end. */
  readonly isNode: boolean;
}

/** Every document in `text`, read as Kubernetes does: YAML 1.1, where 0440 is octal. */
export const manifestsIn = (text: string): Manifest[] =>
  parseAllDocuments(text, { version: '1.1' }).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });

export const titleOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;

export const ofKind = (all: readonly Manifest[], kind: string): readonly Manifest[] =>
  all.filter((manifest) => manifest.kind === kind);

export function workloadsIn(all: readonly Manifest[]): readonly Workload[] {
  return all.flatMap((manifest) => {
    const template = templateOf(manifest);
    if (template === undefined) return [];
    const isNode = manifest.kind === 'Deployment' || manifest.kind === 'StatefulSet';
    return [{ manifest, title: titleOf(manifest), template, isNode }];
  });
}

function templateOf({ kind, spec }: Manifest): PodTemplate | undefined {
  if (kind === 'CronJob')
    return (spec as { jobTemplate: { spec: { template: PodTemplate } } }).jobTemplate.spec.template;
  if (['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind)) {
    return (spec as { template: PodTemplate }).template;
  }
  return undefined;
}

export const containersOf = ({ template: { spec } }: Workload): readonly Container[] => [
  ...spec.containers,
  ...(spec.initContainers ?? []),
];

/** Does `selector` take in a pod that carries `labels`? An empty one takes in all. */
export function selects(selector: Selector | undefined, labels: Labels = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator !== 'In') throw new Error(`the operator ${operator} is not known here`);
      return values.includes(labels[key] ?? '');
    })
  );
}
