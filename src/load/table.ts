/** The figures for people, on a terminal. */
import type { Latencies, LoadFigures, StageFigures } from './figures.ts';
import type { Verified } from './verify.ts';

const QUANTILE_TITLES = ['p50', 'p90', 'p99', 'p99.9', 'p99.99', 'max'];
const HEADER = ['stage', 'offered/s', 'good/s', 'refused/s', 'shed', 'failed', ...QUANTILE_TITLES, 'busy'];
/** A day's play has many stages: those at the ends and the fullest say enough; the JSON has them all. */
const STAGES_SHOWN = 40;

export function tableOf(figures: LoadFigures): string {
  const { stages, total, outcomes, acknowledgedOrders, highestSustained, shortcomings, verified } = figures;
  const shown = stages.length > STAGES_SHOWN ? stages.slice(-STAGES_SHOWN) : stages;
  const rows = shown.map(rowOf);
  if (stages.filter(({ isWarmUp }) => !isWarmUp).length > 1) rows.push(rowOf(total));
  return [
    '',
    aligned([HEADER, ...rows]),
    '',
    aligned([
      ['request', 'answered', 'refused', 'failed', 'shed', ...QUANTILE_TITLES],
      ...Object.entries(total.operations).map(([kind, { answered, refused, failed, shed, latencyMs }]) => [
        kind,
        whole(answered),
        whole(refused),
        whole(failed),
        whole(shed),
        ...latencyCells(latencyMs),
      ]),
    ]),
    '',
    aligned([
      ['answer', 'count', ...QUANTILE_TITLES],
      ...Object.entries(total.answers).map(([kind, { count, latencyMs }]) => [
        kind,
        whole(count),
        ...latencyCells(latencyMs),
      ]),
    ]),
    '',
    'Milliseconds from when a request was due to its answer, or to where it was shed or timed out. Other failures are',
    'in the row "failed" alone. busy: of the generator.',
    `From when it was sent (what a closed loop would show):  ${latencies(total.serviceMs)}`,
    '',
    ...outcomeLines(outcomes),
    '',
    `${whole(acknowledgedOrders)} orders acknowledged.${verified === undefined ? '' : ` ${verdictOn(verified)}`}`,
    ...(highestSustained === undefined
      ? []
      : [`Highest rate sustained: ${whole(highestSustained.rate)} requests a second.`]),
    ...(shortcomings === undefined ? [] : [heldLine(shortcomings)]),
    ...(figures.wasInterrupted ? ['Interrupted: these are the figures so far.'] : []),
    ...figures.warnings.map((warning) => `! ${warning}`),
  ].join('\n');
}

const heldLine = (shortcomings: readonly string[]): string =>
  shortcomings.length === 0 ? 'It held.' : `It did not hold: ${shortcomings.join('; ')}.`;

function verdictOn({
  acknowledged,
  isSound,
  held,
  missing,
  strange,
  twice,
  unread,
  unacknowledged,
  examples,
}: Verified): string {
  const extra = unacknowledged > 0 ? ` ${whole(unacknowledged)} more are there whose answers were lost.` : '';
  if (isSound && acknowledged === 0) return `There was nothing to verify.${extra}`;
  if (isSound) return `Each is there exactly once.${extra}`;
  const counts = `${whole(held)} there, ${whole(missing)} missing, ${whole(strange)} as another order, ${whole(twice)} twice, ${whole(unread)} unknown`;
  return `NOT each is there exactly once: ${counts}.${extra}${examples.map((one) => `\n  ${one}`).join('')}`;
}

function rowOf(stage: StageFigures): string[] {
  const { latencyMs: ms, generator } = stage;
  return [
    stage.name,
    whole(stage.offered),
    whole(stage.throughput - stage.refusals),
    whole(stage.refusals),
    whole(stage.shed),
    whole(stage.failed),
    ...latencyCells(ms),
    generator === undefined ? '' : `${Math.round(100 * generator.utilisation)} %`,
  ];
}

const latencyCells = (ms: Latencies): string[] =>
  [ms.p50, ms.p90, ms.p99, ms.p999, ms.p9999, ms.max].map(digits);

const latencies = (ms: Latencies): string =>
  `p50 ${digits(ms.p50)}, p90 ${digits(ms.p90)}, p99 ${digits(ms.p99)}, p99.9 ${digits(ms.p999)}, p99.99 ${digits(ms.p9999)}, max ${digits(ms.max)} ms`;

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Three digits that matter. */
export const digits = (ms: number): string =>
  ms >= 100 ? whole(ms) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);

/** Columns: names to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const cellAt = (cell: string, i: number): string =>
    i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  return rows.map((row) => row.map(cellAt).join('  ').trimEnd()).join('\n');
}

/** The most frequent first. */
function outcomeLines(outcomes: Readonly<Record<string, number>>): string[] {
  const sorted = Object.entries(outcomes).sort(([, one], [, other]) => other - one);
  const width = Math.max(0, ...sorted.map(([, count]) => whole(count).length));
  return sorted.map(([outcome, count]) => `${whole(count).padStart(width)}  ${outcome}`);
}
