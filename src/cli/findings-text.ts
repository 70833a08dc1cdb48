/** What the doctor found, as a table for people: each trouble with what helps below it. */
import type { Finding } from '../main/doctor/finding.ts';

const SIGNS = { ok: 'ok  ', warn: 'warn', bad: 'BAD ' } as const;

export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length));
  const lines = findings.flatMap(({ grade, about, says, remedy }) => {
    const line = `${SIGNS[grade]}  ${about.padEnd(width)}  ${oneLine(says)}`;
    return remedy === undefined ? [line] : [line, `${' '.repeat(width + 8)}-> ${oneLine(remedy)}`];
  });
  return [...lines, '', countsText(findings)].join('\n');
}

function countsText(findings: readonly Finding[]): string {
  const count = (grade: Finding['grade']): number => findings.filter((one) => one.grade === grade).length;
  return `${count('ok')} ok, ${count('warn')} to look into, ${count('bad')} bad`;
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ');
