/** Which trading day it is: a day begins when the clocks of the exchange's zone show the roll-over time. */
import { assert } from '../core/values/assert.ts';
import type { Micros, TradingDate } from '../core/values/names.ts';

/** When days begin, in the exchange's own time. */
export interface RollOver {
  /** IANA name, as `America/New_York`. */
  readonly zone: string;
  /**
   * `HH:MM`, 24 hours. Before noon it begins its own calendar day (`00:00`: the trading day is the calendar day);
   * from noon on it begins the next one (`17:00`: Monday's session opens on Sunday evening).
   */
  readonly time: string;
}

/** A day, and the instant that the one after it begins. */
export interface TradingDay {
  readonly date: TradingDate;
  readonly endsAt: Micros;
}

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;
const NOON_MINUTES = 12 * 60;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Can `rollOver` be reckoned with: is the zone known and the time well-formed? */
export function isRollOver({ zone, time }: RollOver): boolean {
  try {
    formatterOf(zone);
  } catch {
    return false;
  }
  return TIME.test(time);
}

/**
 * The trading day at `now`. Days follow each other without gap or overlap whatever the clocks do: a roll-over time
 * that is skipped in spring is taken where the clocks land, one that comes twice in autumn is taken the first time.
 * Calendar days: weekends and holidays are days too.
 */
export function tradingDayAt(now: Micros, rollOver: RollOver): TradingDay {
  assert(isRollOver(rollOver), `${rollOver.time} ${rollOver.zone} is a time in a known zone`);
  const nowMs = Math.floor(now / 1000);
  // The local day before at the earliest: from there, the first that has not ended.
  let day = Math.floor(localOf(nowMs, rollOver.zone) / MS_PER_DAY) - 1;
  while (beginOf(day + 1, rollOver) <= nowMs) day++;
  return {
    date: new Date(day * MS_PER_DAY).toISOString().slice(0, 10) as TradingDate,
    endsAt: (beginOf(day + 1, rollOver) * 1000) as Micros,
  };
}

/** When trading day `day` (counted from 1970-01-01) begins: UTC milliseconds. */
function beginOf(day: number, { zone, time }: RollOver): number {
  const [, hours, minutes] = TIME.exec(time) ?? [];
  const minuteOfDay = 60 * Number(hours) + Number(minutes);
  const calendarDay = minuteOfDay < NOON_MINUTES ? day : day - 1;
  return firstInstantOf(calendarDay * MS_PER_DAY + minuteOfDay * MS_PER_MINUTE, zone);
}

/**
 * The first instant at which the clocks of `zone` show `local` (milliseconds, as if they were UTC), or, where they
 * skip it, the first instant after the skip.
 */
function firstInstantOf(local: number, zone: string): number {
  const before = local - offsetOf(local - MS_PER_DAY, zone); // reckoned with the offset of the day before
  const after = local - offsetOf(local + MS_PER_DAY, zone); // and with that of the day after
  const [early, late] = before < after ? [before, after] : [after, before];
  if (localOf(early, zone) === local) return early;
  if (localOf(late, zone) === local) return late;
  let [low, high] = [early, late]; // the skip is in between: low shows less than local, high more
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (localOf(middle, zone) < local) low = middle;
    else high = middle;
  }
  return high;
}

/** What the clocks of `zone` show at an instant, as milliseconds as if they showed UTC. */
function localOf(instantMs: number, zone: string): number {
  const show: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(instantMs)) show[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = show;
  const millisecond = ((instantMs % 1000) + 1000) % 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
}

const offsetOf = (instantMs: number, zone: string): number => localOf(instantMs, zone) - instantMs;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError: no such zone */
function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}
