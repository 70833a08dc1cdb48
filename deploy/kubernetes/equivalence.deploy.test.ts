/** The chart and the overlays are two ways to one deployment: whatever one of them has, the other has, to the last field. */
import { beforeAll, describe, expect, test } from 'vitest';
import { goProgram } from './go-programs.ts';
import { type Manifest, titleOf, workloadsIn } from './manifest.ts';
import { OVERLAYS, renderChart, renderOverlay } from './rendering.ts';

/** What only one of the tools has: helm's own names, and a namespace, which helm is told. */
const HELMS_LABELS = ['helm.sh/chart', 'app.kubernetes.io/managed-by', 'app.kubernetes.io/part-of'];
const ONE_SIDED = ['Namespace itirp', 'Namespace itirp-dev', 'ExternalSecret itirp-migration'];

/** Lists whose order says nothing, by what their members are known by. */
const KNOWN_BY = ['name', 'key', 'secretKey', 'topologyKey', 'targetLabel'];

/** `value`, with what the tools do differently and Kubernetes does not care about made alike. */
function alike(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return inOrder(value.map((one) => alike(one)));
  if (typeof value !== 'object' || value === null) {
    return key === 'name' && typeof value === 'string'
      ? value.replace(/^itirp-[0-9a-z]{10}$/, 'itirp')
      : value;
  }
  const kept = Object.entries(value)
    .filter(([name]) => name !== 'annotations' && name !== 'namespace' && !HELMS_LABELS.includes(name))
    .map(([name, one]) => [name, name === 'volumeClaimTemplates' ? claims(one) : alike(one, name)] as const);
  return Object.fromEntries(kept);
}

/** Only kustomize labels the claims that a StatefulSet makes. */
const claims = (templates: unknown): unknown =>
  (templates as Manifest[]).map(({ metadata: { name }, spec }) => ({ name, spec: alike(spec) }));

function inOrder(list: readonly unknown[]): readonly unknown[] {
  const by = KNOWN_BY.find((name) =>
    list.every((one) => typeof (one as Record<string, unknown>)?.[name] === 'string'),
  );
  if (by === undefined) return list;
  const words = (one: unknown): string => String((one as Record<string, unknown>)[by]);
  return list.toSorted((a, b) => (words(a) < words(b) ? -1 : 1));
}

const documents = (all: readonly Manifest[]): Record<string, unknown> =>
  Object.fromEntries(
    all
      .map((manifest) => alike(manifest) as Manifest)
      .map((manifest) => [titleOf(manifest), manifest] as const)
      .filter(([title]) => !ONE_SIDED.includes(title)),
  );

beforeAll(async () => {
  for (const name of ['helm', 'kustomize'] as const) await goProgram(name); // building them takes longer than a test may
});

describe.each(OVERLAYS)('%s by helm and by kustomize', (overlay) => {
  test('is the same, document by document', async () => {
    const byHelm = documents(await renderChart({ file: overlay }));
    const byKustomize = documents(await renderOverlay(overlay));
    // A migration that nobody waits for by hand is helm's; its Secret's name is the one difference.
    if (overlay === 'production') {
      const [job] = workloadsIn([byHelm['Job itirp-migrate'] as Manifest]);
      for (const { secret } of job?.template.spec.volumes ?? []) {
        if (secret !== undefined) secret.secretName = 'itirp';
      }
    }
    expect(Object.keys(byKustomize).sort()).toEqual(Object.keys(byHelm).sort());
    for (const title of Object.keys(byHelm)) expect(byKustomize[title], title).toEqual(byHelm[title]);
    expect(Object.keys(byHelm).length).toBeGreaterThan(12);
  });
});
