/** Holds every law against the evidence, inside a test: a table of all of them when one is broken, else one line. */
import { expect } from 'vitest';
import { type CheckOptions, check } from './checker.ts';
import type { Evidence } from './evidence.ts';
import { holds, tableOf } from './verdict.ts';

export function expectLaws(title: string, evidence: Evidence, options: CheckOptions): void {
  const verdicts = check(evidence, options);
  const broken = verdicts.filter((verdict) => !holds(verdict));
  if (broken.length > 0) throw new Error(`${title}:\n${tableOf(verdicts)}`);
  const facts = evidence.shards.reduce((sum, { head }) => sum + head.position, 0);
  console.log(
    `${title}: ${verdicts.length} laws hold over ${evidence.calls.length} calls and ${facts} facts`,
  );
  expect(verdicts.length).toBeGreaterThan(0);
}
