/** When trading days begin and end, around midnight, New York's evening roll-over and every kind of clock change. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Micros } from '../core/values/names.ts';
import { isRollOver, type RollOver, tradingDayAt } from './trading-day.ts';

const at = (iso: string): Micros => (Date.parse(iso) * 1000) as Micros;
const iso = (micros: Micros): string => new Date(micros / 1000).toISOString();

const NEW_YORK_MIDNIGHT: RollOver = { zone: 'America/New_York', time: '00:00' };
const NEW_YORK_EVENING: RollOver = { zone: 'America/New_York', time: '17:00' };
const UTC_MIDNIGHT: RollOver = { zone: 'UTC', time: '00:00' };

describe('the day', () => {
  test.each([
    ['2026-01-30T14:30:00Z', UTC_MIDNIGHT, '2026-01-30', '2026-01-31T00:00:00.000Z'],
    ['2026-01-30T23:59:59.999Z', UTC_MIDNIGHT, '2026-01-30', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T00:00:00Z', UTC_MIDNIGHT, '2026-01-31', '2026-02-01T00:00:00.000Z'],
    ['2026-01-30T04:59:59Z', NEW_YORK_MIDNIGHT, '2026-01-29', '2026-01-30T05:00:00.000Z'],
    ['2026-01-30T05:00:00Z', NEW_YORK_MIDNIGHT, '2026-01-30', '2026-01-31T05:00:00.000Z'],
    ['2026-07-01T03:59:59Z', NEW_YORK_MIDNIGHT, '2026-06-30', '2026-07-01T04:00:00.000Z'],
    ['2026-07-01T20:59:59Z', NEW_YORK_EVENING, '2026-07-01', '2026-07-01T21:00:00.000Z'],
    ['2026-07-01T21:00:00Z', NEW_YORK_EVENING, '2026-07-02', '2026-07-02T21:00:00.000Z'],
    ['2026-01-30T21:59:59Z', NEW_YORK_EVENING, '2026-01-30', '2026-01-30T22:00:00.000Z'],
    ['2026-01-30T22:00:00Z', NEW_YORK_EVENING, '2026-01-31', '2026-01-31T22:00:00.000Z'],
    ['2026-12-31T22:00:00Z', NEW_YORK_EVENING, '2027-01-01', '2027-01-01T22:00:00.000Z'],
    ['2026-03-01T00:30:00Z', { zone: 'Asia/Tokyo', time: '06:00' }, '2026-03-01', '2026-03-01T21:00:00.000Z'],
    ['2026-02-28T20:30:00Z', { zone: 'Asia/Tokyo', time: '06:00' }, '2026-02-28', '2026-02-28T21:00:00.000Z'],
    [
      '2026-03-01T18:29:59Z',
      { zone: 'Asia/Kolkata', time: '00:00' },
      '2026-03-01',
      '2026-03-01T18:30:00.000Z',
    ],
  ])('at %s with roll-over %o is %s and ends at %s', (now, rollOver, date, end) => {
    const day = tradingDayAt(at(now), rollOver);
    expect([day.date, iso(day.endsAt)]).toEqual([date, end]);
  });
});

describe('when the clocks change', () => {
  test.each([
    // New York springs forward on 2026-03-08 at 07:00 UTC and falls back on 2026-11-01 at 06:00 UTC.
    ['spring, midnight: 23 hours', NEW_YORK_MIDNIGHT, '2026-03-08T05:00:00Z', '2026-03-09T04:00:00.000Z'],
    ['autumn, midnight: 25 hours', NEW_YORK_MIDNIGHT, '2026-11-01T04:00:00Z', '2026-11-02T05:00:00.000Z'],
    ['spring, evening: 23 hours', NEW_YORK_EVENING, '2026-03-07T22:00:00Z', '2026-03-08T21:00:00.000Z'],
    ['autumn, evening: 25 hours', NEW_YORK_EVENING, '2026-10-31T21:00:00Z', '2026-11-01T22:00:00.000Z'],
    [
      'a time that is skipped is taken where the clocks land',
      { zone: 'America/New_York', time: '02:30' },
      '2026-03-08T06:59:59Z',
      '2026-03-08T07:00:00.000Z',
    ],
    [
      'a time that comes twice is taken the first time',
      { zone: 'America/New_York', time: '01:30' },
      '2026-11-01T05:29:59Z',
      '2026-11-01T05:30:00.000Z',
    ],
    [
      'and not the second time',
      { zone: 'America/New_York', time: '01:30' },
      '2026-11-01T06:29:59Z',
      '2026-11-02T06:30:00.000Z',
    ],
    // Cairo's clocks skip from midnight to one o'clock on 2026-04-24.
    [
      'a midnight that is skipped',
      { zone: 'Africa/Cairo', time: '00:00' },
      '2026-04-23T12:00:00Z',
      '2026-04-23T22:00:00.000Z',
    ],
    // Half an hour's change: Lord Howe Island, 2026-04-05.
    [
      'half an hour',
      { zone: 'Australia/Lord_Howe', time: '00:00' },
      '2026-04-05T00:00:00Z',
      '2026-04-05T13:30:00.000Z',
    ],
  ])('%s', (_title, rollOver, now, end) => {
    expect(iso(tradingDayAt(at(now), rollOver).endsAt)).toBe(end);
  });

  test('a day that the zone never had is passed over', () => {
    const samoa: RollOver = { zone: 'Pacific/Apia', time: '00:00' }; // went from the 29th to the 31st of December 2011
    const last = tradingDayAt(at('2011-12-30T09:59:59Z'), samoa);
    expect([last.date, iso(last.endsAt)]).toEqual(['2011-12-29', '2011-12-30T10:00:00.000Z']);
    expect(tradingDayAt(last.endsAt, samoa).date).toBe('2011-12-31');
  });
});

test('whatever the zone and the time: days follow each other without a gap, and never go back', () => {
  const zones = [
    'America/New_York',
    'Europe/London',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'America/Santiago',
    'UTC',
  ];
  const hours = fc.integer({ min: 0, max: 23 });
  const minutes = fc.integer({ min: 0, max: 59 });
  const two = (n: number): string => String(n).padStart(2, '0');
  const starts = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2027, 0, 1) });
  fc.assert(
    fc.property(fc.constantFrom(...zones), hours, minutes, starts, (zone, hour, minute, start) => {
      const rollOver = { zone, time: `${two(hour)}:${two(minute)}` };
      const today = tradingDayAt((start * 1000) as Micros, rollOver);
      expect(today.endsAt).toBeGreaterThan(start * 1000);
      expect(tradingDayAt((today.endsAt - 1) as Micros, rollOver)).toEqual(today);
      const tomorrow = tradingDayAt(today.endsAt, rollOver);
      expect(Date.parse(tomorrow.date) - Date.parse(today.date)).toBe(86_400_000);
      expect(tomorrow.endsAt - today.endsAt).toBeGreaterThanOrEqual(22.5 * 3_600_000_000);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['17:00', 'America/New_York', true],
  ['24:00', 'America/New_York', false],
  ['7:00', 'America/New_York', false],
  ['17:00', 'America/Gotham', false],
])('%s in %s is a roll-over: %s', (time, zone, is) => {
  expect(isRollOver({ zone, time })).toBe(is);
});
