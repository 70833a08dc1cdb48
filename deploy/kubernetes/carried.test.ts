/** What lies beside the manifests and is made from other files is what those files say now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CARRIED } from './carried.ts';
import { configSchema, secretNames } from './settings-schema.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const REMEDY = 'run `node deploy/kubernetes/carry.ts`';

test.each(CARRIED.map(({ path, make }) => [path, make] as const))('%s is up to date', (path, make) => {
  const text = readFileSync(join(ROOT, path), 'utf8');
  // What a formatter may lay out anew is compared by what it says.
  if (path.endsWith('.json')) expect(JSON.parse(text), REMEDY).toEqual(JSON.parse(make()));
  else expect(text, REMEDY).toBe(make());
});

test("the overlay's rule has the groups of both files, and there are many", () => {
  const path = 'deploy/kubernetes/kustomize/overlays/production/prometheus-rule.yaml';
  const { spec } = parse(readFileSync(join(ROOT, path), 'utf8')) as {
    spec: { groups: { rules: unknown[] }[] };
  };
  expect(spec.groups.length).toBeGreaterThan(2);
  expect(spec.groups.flatMap(({ rules }) => rules).length).toBeGreaterThan(20);
});

test('what is secret is no setting that a value may hold', () => {
  const allowed = Object.keys(configSchema().properties as object);
  expect(allowed).toContain('SHARDS');
  expect(allowed.filter((name) => secretNames().includes(name))).toEqual([]);
  expect(secretNames()).toEqual(
    expect.arrayContaining(['SECRET_KEY', 'POSTGRES_URL', 'REDIS_URL', 'KAFKA_PASSWORD', 'BACKUP_KEY']),
  );
});
