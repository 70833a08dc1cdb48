/** The figures as a table for people. */
import { type Figure, verdictOf } from './figure.ts';
import type { Machine } from './machine.ts';

export interface SuiteResult {
  readonly suite: string;
  readonly figures: readonly Figure[];
  /** How the benchmark broke; undefined when it did not. */
  readonly broke?: string;
}

const HEADER = ['', 'figure', 'measured', 'target', '', 'how'];

/** Markdown, so that it can be pasted into the README as it is. */
export function tableOf(results: readonly SuiteResult[]): string {
  const rows = results.flatMap(rowsOf);
  const widths = HEADER.map((title, i) =>
    i === HEADER.length - 1 ? 3 : Math.max(title.length, 3, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(HEADER), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function rowsOf({ suite, figures, broke }: SuiteResult): string[][] {
  if (broke !== undefined) return [[suite, broke.split('\n')[0] ?? '', '', '', 'BROKE', '']];
  return figures.map((figure) => [
    suite,
    figure.name,
    `${show(figure.value)} ${figure.unit}`,
    targetOf(figure),
    verdictOf(figure) === 'told' ? '' : verdictOf(figure),
    [figure.note, spreadOf(figure)].filter((part) => part !== undefined && part !== '').join('; '),
  ]);
}

function targetOf({ target, unit }: Figure): string {
  if (target === undefined) return '';
  return 'atLeast' in target ? `≥ ${show(target.atLeast)} ${unit}` : `≤ ${show(target.atMost)} ${unit}`;
}

/** From the lowest repetition to the highest. */
function spreadOf({ samples }: Figure): string {
  if (samples.length < 2) return '';
  return `${show(Math.min(...samples))}–${show(Math.max(...samples))} in ${samples.length} turns`;
}

/** Three digits that matter, thousands apart. */
function show(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1000) return Number(value.toPrecision(3)).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

export const machineLine = (machine: Machine): string =>
  `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}; Node ${machine.node} (V8 ${machine.v8}); ` +
  `itirp ${machine.itirp} at ${machine.commit}; load before: ${machine.loadBefore.toFixed(2)}; ${machine.at}`;
