/** Values as people read them: 1.2 ms, 35 %, 12.4 k, $ 3.1 M. */
import type { Unit } from './dashboard.ts';

type Steps = readonly (readonly [from: number, name: string])[];

const SECONDS: Steps = [
  [86_400, ' d'],
  [3_600, ' h'],
  [60, ' min'],
  [1, ' s'],
  [1e-3, ' ms'],
  [1e-6, ' µs'],
];
const BYTES: Steps = [
  [2 ** 30, ' GiB'],
  [2 ** 20, ' MiB'],
  [2 ** 10, ' KiB'],
  [1, ' B'],
];
const THOUSANDS: Steps = [
  [1e9, ' bn'],
  [1e6, ' M'],
  [1e3, ' k'],
  [1, ''],
];

export function format(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return '–';
  if (value < 0) return `−${format(-value, unit)}`;
  if (unit === 's') return value === 0 ? '0 s' : scaled(value, SECONDS);
  if (unit === 'bytes') return scaled(value, BYTES);
  if (unit === 'percentunit') return `${short(value * 100)} %`;
  if (unit === 'currencyUSD') return `$${scaled(value, THOUSANDS)}`;
  if (unit === 'ops' || unit === 'reqps') return `${scaled(value, THOUSANDS)}/s`;
  return scaled(value, THOUSANDS);
}

function scaled(value: number, steps: Steps): string {
  const step = steps.find(([from]) => value >= from * 0.9995) ?? steps.at(-1);
  if (step === undefined) return short(value);
  return `${short(value / step[0])}${step[1]}`;
}

/** Three digits that count, no zeros behind them. */
const short = (value: number): string =>
  String(Number(value >= 100 ? value.toFixed(0) : value.toPrecision(3)));
