/** What a story that was broken in one place comes to. */
import { type CheckOptions, check } from '../checker.ts';
import type { Evidence } from '../evidence.ts';
import { holds } from '../verdict.ts';
import type { Story } from './story.ts';

export const OPTIONS: CheckOptions = { latestMs: 1_000 };

/** What goes wrong, the law that must notice, and how it says so. */
export type Case = readonly [title: string, law: string, says: RegExp, breaks: (story: Story) => void];

/** The broken laws, each with its violations. */
export async function brokenBy(evidence: Evidence): Promise<Readonly<Record<string, readonly string[]>>> {
  const broken = check(evidence, OPTIONS).filter((verdict) => !holds(verdict));
  return Object.fromEntries(broken.map(({ law, violations }) => [law, violations]));
}
