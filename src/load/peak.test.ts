import { describe, expect, test } from 'vitest';
import { minutesIn, peakOf, USUAL_MINUTES } from './peak.ts';

const play = { times: 2, minuteSeconds: 10, sharesATrade: 200, placedPart: 0.8 };
const minute = (clock: string, shares: number, day = '2020-03-02') => ({
  at: `${day}T${clock}:00-05:00`,
  shares,
});

describe('a recorded peak', () => {
  test('is the minute most was traded in: shares to trades, trades to orders, orders to requests, and doubled', () => {
    const minutes = [minute('15:58', 600_000), minute('15:59', 1_200_000), minute('16:00', 300_000)];
    const { at, tradesASecond, requestsASecond, stages } = peakOf(minutes, play);
    expect([at, tradesASecond, requestsASecond]).toEqual(['2020-03-02T15:59:00-05:00', 100, 250]);
    expect(stages.map(({ name, rate, seconds, isWarmUp }) => [name, rate, seconds, isWarmUp])).toEqual([
      ['warm-up', 125, 5, true],
      ['15:58', 125, 10, false],
      ['15:59', 250, 10, false],
      ['16:00', 62.5, 10, false],
    ]);
  });
  test('is played with the ten minutes before it and the four after it, of its own day', () => {
    const day = Array.from({ length: 30 }, (_, i) =>
      minute(`10:${String(i).padStart(2, '0')}`, i === 20 ? 900 : 100),
    );
    const names = peakOf(day, play).stages.map(({ name }) => name);
    expect(names).toEqual(['warm-up', ...Array.from({ length: 15 }, (_, i) => `10:${10 + i}`)]);
    const late = [...day.slice(0, 21), minute('09:30', 500, '2020-03-03')];
    expect(peakOf(late, play).stages.at(-1)?.name).toBe('10:20');
  });
  test('is nothing where nothing was traded', () => {
    expect(() => peakOf([minute('10:00', 0)], play)).toThrow('nothing was traded');
    expect(() => peakOf([], play)).toThrow('nothing was traded');
  });
});

test('without a file it is 266 trades a second at its highest, which twice over is 665 requests a second', () => {
  const { tradesASecond, requestsASecond, stages } = peakOf(USUAL_MINUTES, play);
  expect([tradesASecond, requestsASecond, stages.length]).toEqual([266, 665, 16]);
});

describe('a recorded day is read', () => {
  test('by its header, whatever else stands in it', () => {
    const csv = 'volume,note,Time\r\n100,x,2020-03-02T10:00:00Z\r\n\r\n0,y,2020-03-02T10:01:00Z\r\n';
    expect(minutesIn(csv)).toEqual([
      { at: '2020-03-02T10:00:00Z', shares: 100 },
      { at: '2020-03-02T10:01:00Z', shares: 0 },
    ]);
  });
  test.each([
    [
      'quotes, which say nothing of what was traded',
      'time,bid_close,ask_close\n',
      'the columns time and volume',
    ],
    ['a line without a volume', 'time,volume\n2020-03-02T10:00:00Z,\n', 'line 2'],
    ['a negative volume', 'time,volume\n2020-03-02T10:00:00Z,-1\n', 'line 2'],
    ['no time', 'time,volume\nsoon,1\n', 'line 2'],
    ['an empty file', '', 'the columns'],
  ])('%s is refused', (_what, csv, says) => {
    expect(() => minutesIn(csv)).toThrow(says);
  });
});
