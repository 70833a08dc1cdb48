/** UTC microseconds and the contract's ISO 8601 text with six decimals, either way. */
import type { Micros } from '../core/values/names.ts';

const WIRE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})Z$/;

/** `2026-01-30T14:30:00.123456Z` */
export function wireTime(at: Micros): string {
  const second = Math.floor(at / 1_000_000); // also before 1970
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1000).toISOString().slice(0, -4);
  }
  return `${lastText}${String(at - second * 1_000_000).padStart(6, '0')}Z`;
}

/** Answers come many to the second: its text, `2026-01-30T14:30:00.`, is made once. */
let lastSecond = Number.NaN;
let lastText = '';

/** The inverse of {@link wireTime}; undefined where the text is no such time. */
export function timeOf(text: string): Micros | undefined {
  const match = WIRE.exec(text);
  if (match === null) return undefined;
  const millis = Date.parse(`${match[1]}Z`);
  return Number.isNaN(millis) ? undefined : ((millis * 1000 + Number(match[2])) as Micros);
}
