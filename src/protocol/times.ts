/** UTC microseconds and the contract's ISO 8601 text with six decimals, either way. */
import type { Micros } from '../core/values/names.ts';

const WIRE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})Z$/;

/** `2026-01-30T14:30:00.123456Z` */
export function wireTime(at: Micros): string {
  const micros = ((at % 1000) + 1000) % 1000; // times before 1970 count down
  const toMillis = new Date((at - micros) / 1000).toISOString();
  return `${toMillis.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** The inverse of {@link wireTime}; undefined where the text is no such time. */
export function timeOf(text: string): Micros | undefined {
  const match = WIRE.exec(text);
  if (match === null) return undefined;
  const millis = Date.parse(`${match[1]}Z`);
  return Number.isNaN(millis) ? undefined : ((millis * 1000 + Number(match[2])) as Micros);
}
