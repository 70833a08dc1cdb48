import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { itirpNames, PROCESSES } from '../../stack/layout.ts';
import { readCompose } from '../docker/testing/compose-file.ts';

const DEPLOY = join(import.meta.dirname, '..');
const read = <Document>(path: string): Document =>
  parse(readFileSync(join(DEPLOY, path), 'utf8')) as Document;

interface Group {
  readonly targets: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** As compose calls itself to the nodes (DEPLOYMENT). */
const deployment = 'compose';
const { services } = readCompose();
const groups = read<readonly Group[]>('prometheus/targets/itirp.yml');

describe('who is scraped in containers', () => {
  test('is every process of ITIRP that compose starts as one of many, and nobody else', () => {
    const roles = Object.keys(PROCESSES).join('|');
    const started = Object.keys(services).filter((name) => new RegExp(`^(${roles})-\\d+$`).test(name));
    const scraped = groups.flatMap(({ targets }) => targets);
    expect([...scraped].sort()).toEqual(started.map((name) => `${name}:8000`).sort());
  });
  test('has the role that its name says, and there are as many as on the stack', () => {
    const expected = (['api', 'engine', 'projector', 'publisher'] as const).map((role) => ({
      targets: itirpNames(role).map((name) => `${name}:8000`),
      labels: { deployment, role },
    }));
    expect(groups).toEqual(expected);
  });
  test('is called what its nodes are told that they belong to', () => {
    expect(services['api-1']?.environment?.DEPLOYMENT).toBe(deployment);
  });
  test('takes backups, so that nobody is told that it does without', () => {
    const takers = Object.values(services).filter(({ environment }) => environment?.BACKUP_TO !== undefined);
    expect(takers.length).toBeGreaterThan(0);
    expect(groups.filter(({ labels }) => labels?.backups !== undefined)).toEqual([]);
  });
  test('is the balancer, where its statistics are', () => {
    const [, port] = services.haproxy?.environment?.ITIRP_STATS?.split(':') ?? [];
    expect(read<readonly Group[]>('prometheus/targets/haproxy.yml')).toEqual([
      { targets: [`haproxy:${port}`], labels: { deployment } },
    ]);
  });
});

test('Grafana is told how often Prometheus scrapes: its rates are over four of that', () => {
  const { global } = read<{ global: { scrape_interval: string } }>('prometheus/prometheus.yml');
  const { datasources } = read<{ datasources: readonly { jsonData: { timeInterval: string } }[] }>(
    'grafana/provisioning/datasources/prometheus.yml',
  );
  expect(datasources.map(({ jsonData }) => jsonData.timeInterval)).toEqual([global.scrape_interval]);
});
