import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { panelsOf } from '../../scripts/dashboards/dashboard.ts';
import { DASHBOARDS } from '../../scripts/dashboards/dashboards.ts';
import { anchorsOf } from '../../scripts/docs/links.ts';
import { ALERTS } from './rule-files.fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const RUNBOOKS = 'docs/operations/runbooks.md';
const page = readFileSync(join(ROOT, RUNBOOKS), 'utf8');

describe.each(ALERTS)('$alert', ({ labels, annotations, for: duration }) => {
  test('says how bad it is, what is affected, and what that means', () => {
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook_url']);
    expect(annotations.summary?.length).toBeLessThan(100);
    expect(duration ?? '1m').toMatch(/^\d+[mh]$/);
  });
  test('leads to its runbook', () => {
    const [file = '', anchor = ''] = annotations.runbook_url?.split('#') ?? [];
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect(anchorsOf(readFileSync(join(ROOT, file), 'utf8'))).toContain(anchor);
  });
});

test('there is a runbook for every alert, in their order, and for no other', () => {
  const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(ALERTS.map(({ alert }) => alert));
});

test('what a runbook names is there', () => {
  const named = [...page.matchAll(/\*(Itirp\w+)\*/g)].map(([, name]) => name);
  const alerts: readonly (string | undefined)[] = ALERTS.map(({ alert }) => alert);
  expect(named.filter((name) => !alerts.includes(name))).toEqual([]);
  const shown = DASHBOARDS.flatMap(({ dashboard }) => [...dashboard.chapters, ...panelsOf(dashboard)]).map(
    ({ title }) => title,
  );
  const looked = [...page.matchAll(/(?<!\*)\*([A-Z][^*]+)\*(?!\*)/g)].map(([, title = '']) =>
    title.replace('\n', ' '),
  );
  expect(looked.filter((title) => shown.includes(title)).length).toBeGreaterThan(10);
  const others = ['Critical', 'Trading', 'Risk', 'Platform', ...ALERTS.map(({ alert }) => alert)];
  expect(looked.filter((title) => !shown.includes(title) && !others.includes(title))).toEqual([]);
  const codes = readFileSync(join(ROOT, 'docs', 'faults.md'), 'utf8');
  const rules = readFileSync(join(ROOT, 'src', 'core', 'risk', 'refusal.ts'), 'utf8');
  const events = readFileSync(join(ROOT, 'src', 'projections', 'expansion.ts'), 'utf8');
  const settings = readFileSync(join(ROOT, 'docs', 'configuration.md'), 'utf8');
  const words = new Set([...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, word]) => word ?? ''));
  const known = codes + rules + events + settings;
  expect([...words].filter((word) => !known.includes(word))).toEqual([]);
});
