/** A history that contradicts itself is not believed, and what is not in it is not known. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { heardIn } from '../load/door.ts';
import { type Ask, callsFor, callsOf, type HistoryLine } from './record.ts';
import { HistoryWriter, readHistory } from './writer.ts';

const ask: Ask = { what: 'halt', user: 'risk' };
const invoked = (call: number): HistoryLine => ({
  call,
  phase: 'invoke',
  at: 1,
  process: 'p',
  correlationId: 'c',
  ask,
});
const ended = (call: number): HistoryLine => ({ call, phase: 'ok', at: 2, reply: { status: 200 } });

describe('a history', () => {
  test('is its calls, and one that never ended is unknown', () => {
    const calls = callsOf([invoked(0), invoked(1), ended(0)]);
    expect(calls.map(({ phase, endedAt }) => [phase, endedAt])).toEqual([
      ['ok', 2],
      ['unknown', undefined],
    ]);
    expect(callsFor(calls, 'halt')).toHaveLength(2);
    expect(callsFor(calls, 'place')).toEqual([]);
  });
  test.each([
    ['a call is made twice', [invoked(0), invoked(0)], 'made twice'],
    ['a call ends that was never made', [ended(0)], 'never made'],
    ['a call ends twice', [invoked(0), ended(0), ended(0)], 'ended twice'],
  ])('is not believed when %s', (_title, lines, says) => {
    expect(() => callsOf(lines)).toThrow(says);
  });
});

describe('its file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'itirp-history-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('holds each line as it comes, and a line that was cut off in the middle is left out', () => {
    const path = join(folder, 'history.jsonl');
    const writer = new HistoryWriter(path);
    const call = writer.invoke('p', 'c', ask);
    expect(readHistory(path)).toHaveLength(1); // before the call is made
    writer.end(call, 'fail', { status: 503, code: 'NOT_READY' });
    writer.close();
    expect(readHistory(path)).toMatchObject([
      { phase: 'fail', ask, reply: { status: 503, code: 'NOT_READY' } },
    ]);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -5));
    expect(readHistory(path)).toMatchObject([{ phase: 'unknown' }]);
  });
});

describe('what a client knows after an answer', () => {
  test.each([
    [200, {}, 'ok'],
    [409, { code: 'CLIENT_ORDER_ID_DUPLICATE', order_id: 'o' }, 'ok'],
    [202, { status: 'PENDING', order_id: 'o' }, 'unknown'],
    [503, { code: 'BUS_UNAVAILABLE' }, 'fail'],
    [503, { code: 'COMMAND_IN_DOUBT' }, 'unknown'],
    [503, { code: 'JOURNAL_UNAVAILABLE' }, 'unknown'],
    [503, {}, 'unknown'], // the load balancer's own
    [500, { code: 'INTERNAL' }, 'unknown'],
    [504, {}, 'unknown'],
  ])('%i %j leaves it %s', (status, body, phase) => {
    expect(heardIn(status, body).phase).toBe(phase);
  });
});
