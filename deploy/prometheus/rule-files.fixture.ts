/** The rules as they are written, and promtool, which knows what Prometheus makes of them. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { findProgram } from '../../stack/programs.ts';
import { PROMETHEUS_FILES } from '../../stack/prometheus.ts';
import { softwareFolder } from '../../stack/software.ts';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

interface RuleGroup<Rule> {
  readonly name: string;
  readonly rules: readonly Rule[];
}

const groupsIn = <Rule>(file: string): readonly RuleGroup<Rule>[] =>
  (parse(readFileSync(join(PROMETHEUS_FILES, file), 'utf8')) as { groups: readonly RuleGroup<Rule>[] })
    .groups;

const ALERT_GROUPS = groupsIn<AlertRule>('alerts.yml');
const RECORDING_GROUPS = groupsIn<RecordingRule>('recording.yml');
export const ALERTS = ALERT_GROUPS.flatMap(({ rules }) => rules);
export const RECORDED = RECORDING_GROUPS.flatMap(({ rules }) => rules);

/** What promtool says. @throws Error with it, when it does not hold */
export async function promtool(...args: readonly string[]): Promise<string> {
  const { file, env } = await findProgram('promtool', softwareFolder());
  const options = { env: { ...process.env, ...env }, cwd: PROMETHEUS_FILES };
  const { stdout } = await promisify(execFile)(file, [...args], options).catch((error: Words) => {
    throw new Error(`${error.stdout}${error.stderr}`);
  });
  return stdout;
}

interface Words {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs tests in promtool's own format against both files of rules, a value each `every`. @throws Error with what differs */
export async function testRules(folder: string, tests: readonly object[], every = '1m'): Promise<void> {
  const file = join(folder, 'rules.test.yml');
  const document = {
    rule_files: ['recording.yml', 'alerts.yml'].map((name) => join(PROMETHEUS_FILES, name)),
    evaluation_interval: every,
    group_eval_order: [...RECORDING_GROUPS, ...ALERT_GROUPS].map(({ name }) => name),
    tests: tests.map((each) => ({ interval: every, ...each })),
  };
  await writeFile(file, stringify(document));
  await promtool('test', 'rules', file);
}
