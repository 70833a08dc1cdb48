/** The doctor and the alerts must not differ: what pages is not called well, and what is called late pages too. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { DUTIES, type Duty } from './duties.ts';

const FILE = new URL('../../../deploy/prometheus/alerts.yml', import.meta.url);
/** `time() - max by (…) (…{kind="backup"}) > 4 * 3600` */
const OVERDUE =
  /time\(\) - max by [^>]*last_success_timestamp_seconds\{kind=~?"([\w|]+)"\}\) > (\d+) \* (\d+)/;

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly expr: string;
      readonly labels: { readonly severity?: string };
    }[];
  }[];
}

test('each kind of maintenance is late when an alert on it fires, and bad when that is critical', () => {
  const { groups } = parse(readFileSync(FILE, 'utf8')) as Rules;
  const alerts = groups
    .flatMap(({ rules }) => rules)
    .filter(({ expr }) => /time\(\) - .*maintenance_last_success/s.test(expr))
    .map(({ expr, labels: { severity } }) => {
      const [, kinds, count, seconds] = OVERDUE.exec(expr) ?? [];
      return `${kinds}: ${severity} after ${(Number(count) * Number(seconds)) / 3600} hours`;
    });
  const { checkpoints: _, ...alerted } = DUTIES; // their age has no alert
  const duties = Object.values<Duty>(alerted).flatMap(({ kind, alsoDoneBy, lateHours, badHours }) => {
    const kinds = alsoDoneBy === undefined ? kind : `${kind}|${alsoDoneBy}`;
    return [
      `${kinds}: warning after ${lateHours} hours`,
      ...(badHours === undefined ? [] : [`${kinds}: critical after ${badHours} hours`]),
    ];
  });
  expect(duties.toSorted()).toEqual(alerts.toSorted());
});
