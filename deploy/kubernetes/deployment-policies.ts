/** What the documents of a deployment must be to each other: selectors that meet, targets that exist, doors that are shut. */
import { SETTINGS } from '../../src/main/config.ts';
import {
  containersOf,
  type Labels,
  type Manifest,
  ofKind,
  type Selector,
  selects,
  titleOf,
  type Workload,
  workloadsIn,
} from './manifest.ts';
import type { Policy } from './pod-policies.ts';
import { secretNames } from './settings-schema.ts';

const COMPONENT = 'app.kubernetes.io/component';
const ZONE = 'topology.kubernetes.io/zone';

const labelsOf = ({ template }: Workload): Labels => template.metadata.labels ?? {};

const nodesIn = (all: readonly Manifest[]): readonly Workload[] =>
  workloadsIn(all).filter(({ isNode }) => isNode);

const disruption: Policy = {
  says: 'each role may be disrupted one pod at a time, and each budget is for a role',
  check: (all) => {
    const budgets = ofKind(all, 'PodDisruptionBudget').map((manifest) => {
      const { selector, maxUnavailable } = manifest.spec as { selector: Selector; maxUnavailable?: number };
      return { title: titleOf(manifest), selector, maxUnavailable };
    });
    const nodes = nodesIn(all);
    const matches = (selector: Selector): number =>
      nodes.filter((node) => selects(selector, labelsOf(node))).length;
    return [
      ...budgets
        .filter(({ selector, maxUnavailable }) => matches(selector) !== 1 || maxUnavailable !== 1)
        .map(({ title }) => `${title} is not one pod of one workload`),
      ...nodes
        .filter((node) => !budgets.some(({ selector }) => selects(selector, labelsOf(node))))
        .map(({ title }) => `${title} has no PodDisruptionBudget`),
    ];
  },
};

interface Port {
  readonly port: number;
  readonly protocol?: string;
}

interface NetworkPolicySpec {
  readonly podSelector?: Selector;
  readonly policyTypes?: readonly string[];
  readonly ingress?: readonly { readonly from?: readonly unknown[] }[];
  readonly egress?: readonly { readonly to?: readonly unknown[]; readonly ports?: readonly Port[] }[];
}

const networkPolicies = (
  all: readonly Manifest[],
): readonly (NetworkPolicySpec & { readonly title: string })[] =>
  ofKind(all, 'NetworkPolicy').map((manifest) => ({
    title: titleOf(manifest),
    ...(manifest.spec as object),
  }));

const denied: Policy = {
  says: 'every pod is shut in both directions before anything is allowed',
  check: (all) => {
    const shut = networkPolicies(all).filter(
      ({ policyTypes = [], ingress, egress }) =>
        ['Ingress', 'Egress'].every((type) => policyTypes.includes(type)) && !ingress && !egress,
    );
    return workloadsIn(all)
      .filter((workload) => !shut.some(({ podSelector }) => selects(podSelector, labelsOf(workload))))
      .map(({ title }) => `${title} is under no policy that denies all`);
  },
};

const guarded: Policy = {
  says: 'nothing comes in from anywhere, and each policy is for some pod',
  check: (all) =>
    networkPolicies(all)
      .filter(({ podSelector, ingress = [] }) => {
        const isUsed = workloadsIn(all).some((workload) => selects(podSelector, labelsOf(workload)));
        return !isUsed || ingress.some(({ from = [] }) => from.length === 0);
      })
      .map(({ title }) => `${title} lets anybody in, or selects no pod`),
};

/** Of the brokers that the ConfigMap names. */
const busPorts = (all: readonly Manifest[]): readonly string[] =>
  ofKind(all, 'ConfigMap').flatMap(({ data = {} }) =>
    (data.KAFKA_BROKERS ?? '').split(',').map((broker) => `TCP ${broker.split(':').at(-1)}`),
  );

const reaching: Policy = {
  says: 'each node may reach DNS, PostgreSQL, Redis and Kafka',
  check: (all) =>
    nodesIn(all).flatMap((node) => {
      const allowed = networkPolicies(all)
        .filter(({ podSelector }) => selects(podSelector, labelsOf(node)))
        .flatMap(({ egress = [] }) => egress)
        .flatMap(({ ports = [] }) => ports.map(({ port, protocol = 'TCP' }) => `${protocol} ${port}`));
      const needed = new Set(['UDP 53', 'TCP 53', 'TCP 5432', 'TCP 6379', ...busPorts(all)]);
      return [...needed]
        .filter((port) => !allowed.includes(port))
        .map((port) => `${node.title} cannot reach ${port}`);
    }),
};

const alone: Policy = {
  says: 'CronJobs forbid concurrency',
  check: (all) =>
    ofKind(all, 'CronJob')
      .filter(({ spec }) => (spec as { concurrencyPolicy?: string }).concurrencyPolicy !== 'Forbid')
      .map((manifest) => `${titleOf(manifest)} may run beside itself`),
};

/** Not asked of every deployment: where services are is known in production alone. */
export const CLOSED_OUTWARD: Policy = {
  says: 'nothing leaves but for addresses that are named',
  check: (all) =>
    networkPolicies(all)
      .filter(({ egress = [] }) => egress.some(({ to = [] }) => to.length === 0))
      .map(({ title }) => `${title} lets pods reach any address`),
};

const services: Policy = {
  says: 'a Service leads to one workload and to a port that it has',
  check: (all) =>
    ofKind(all, 'Service')
      .filter((manifest) => {
        const { selector, ports } = manifest.spec as { selector: Labels; ports: { targetPort: string }[] };
        const found = nodesIn(all).filter((node) => selects({ matchLabels: selector }, labelsOf(node)));
        const names = found.flatMap((node) =>
          containersOf(node).flatMap(({ ports: open = [] }) => open.map(({ name }) => name)),
        );
        return found.length !== 1 || !ports.every(({ targetPort }) => names.includes(targetPort));
      })
      .map((manifest) => `${titleOf(manifest)} leads nowhere, or to several`),
};

const selectors: Policy = {
  says: 'a workload selects its own pods, and no other workload does',
  check: (all) => {
    const nodes = nodesIn(all);
    return nodes
      .filter((node) => {
        const { selector } = node.manifest.spec as { selector: Selector };
        const taken = workloadsIn(all).filter((other) => selects(selector, labelsOf(other)));
        return taken.length !== 1 || taken[0]?.manifest !== node.manifest;
      })
      .map(({ title }) => `${title} selects other pods than its own`);
  },
};

const spread: Policy = {
  says: 'the pods of a role are spread over zones',
  check: (all) =>
    nodesIn(all)
      .filter((node) => {
        const over = node.template.spec.topologySpreadConstraints ?? [];
        return !over.some(
          ({ topologyKey, labelSelector }) =>
            topologyKey === ZONE &&
            labelSelector?.matchLabels?.[COMPONENT] !== undefined &&
            selects(labelSelector, labelsOf(node)),
        );
      })
      .map(({ title }) => `${title} may stand in one zone alone`),
};

const scaled: Policy = {
  says: "an autoscaler's target exists, and leaves the number to it",
  check: (all) =>
    ofKind(all, 'HorizontalPodAutoscaler')
      .filter((manifest) => {
        const {
          scaleTargetRef: target,
          minReplicas,
          maxReplicas,
        } = manifest.spec as {
          scaleTargetRef: { kind: string; name: string };
          minReplicas: number;
          maxReplicas: number;
        };
        const found = all.find(({ kind, metadata }) => kind === target.kind && metadata.name === target.name);
        return found === undefined || 'replicas' in (found.spec as object) || minReplicas > maxReplicas;
      })
      .map((manifest) => `${titleOf(manifest)} scales nothing`),
};

const KNOWN = new Set([...Object.keys(SETTINGS), ...secretNames()]);

/** A setting, the file of one, or a name that the tracing library and Node themselves read. */
export const isKnownSetting = (name: string): boolean =>
  KNOWN.has(name) || KNOWN.has(name.replace(/_FILE$/, '')) || /^(OTEL|NODE)_[A-Z_]+$/.test(name);

const settings: Policy = {
  says: 'every variable that is set is a setting of the program',
  check: (all) => [
    ...ofKind(all, 'ConfigMap').flatMap(({ metadata, data = {} }) =>
      Object.keys(data)
        .filter((name) => !isKnownSetting(name))
        .map((name) => `ConfigMap ${metadata.name} sets ${name}, which nothing reads`),
    ),
    ...workloadsIn(all).flatMap((workload) =>
      containersOf(workload)
        .flatMap(({ env = [] }) => env)
        .filter(({ name }) => !isKnownSetting(name))
        .map(({ name }) => `${workload.title} sets ${name}, which nothing reads`),
    ),
  ],
};

const configMaps: Policy = {
  says: 'a ConfigMap that a pod reads is there',
  check: (all) => {
    const there = ofKind(all, 'ConfigMap').map(({ metadata }) => metadata.name);
    return workloadsIn(all).flatMap((workload) =>
      containersOf(workload)
        .flatMap(({ envFrom = [] }) => envFrom.map(({ configMapRef }) => configMapRef?.name ?? ''))
        .filter((name) => !there.includes(name))
        .map((name) => `${workload.title} reads the ConfigMap ${name}, which is not there`),
    );
  },
};

export const DEPLOYMENT_POLICIES: readonly Policy[] = [
  disruption,
  denied,
  guarded,
  reaching,
  alone,
  services,
  selectors,
  spread,
  scaled,
  settings,
  configMaps,
];
