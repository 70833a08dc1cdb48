import fc from 'fast-check';
import { uuidv7 } from 'uuidv7';
import { describe, expect, test } from 'vitest';
import { isSampled, newSpanId, SPAN, traceIdOf } from './trace-ids.ts';
import { readTraceparent, traceparentOf } from './traceparent.ts';

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;

describe('the trace of a correlation id', () => {
  test('is the bits of a UUID, so that whoever has the one has the other', () => {
    expect(traceIdOf('0192F0AA-1234-7ABC-8123-0123456789ab')).toBe('0192f0aa12347abc81230123456789ab');
  });
  test('is reckoned from any other text, always the same, and never all zeros', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constant('00000000-0000-0000-0000-000000000000')), (text) => {
        expect(traceIdOf(text)).toMatch(TRACE_ID);
        expect(traceIdOf(text)).toBe(traceIdOf(text));
      }),
    );
  });
});

describe('a span that two processes name', () => {
  test('has the same id for both, and another one for whatever else there is', () => {
    const trace = traceIdOf('a conversation');
    const ids = new Set<string>();
    let made = 0;
    for (let n = 0; n < 20_000; n += 1) {
      for (const id of [
        SPAN.appended(trace, 'main', n),
        SPAN.published(trace, 'main', n),
        SPAN.appended(trace, 'other', n),
        SPAN.sent(trace, `c${n}`),
        SPAN.answered(trace, `c${n}`),
        SPAN.placed(trace, `c${n}`),
      ]) {
        ids.add(id);
        made += 1;
      }
    }
    expect(ids.size).toBe(made);
    expect([...ids].every((id) => SPAN_ID.test(id))).toBe(true);
    expect(SPAN.appended(trace, 'main', 7)).toBe(SPAN.appended(traceIdOf('a conversation'), 'main', 7));
  });
  test('others have ids that are new each time', () => {
    const ids = new Set(Array.from({ length: 10_000 }, newSpanId));
    expect(ids.size).toBe(10_000);
    expect([...ids].every((id) => SPAN_ID.test(id))).toBe(true);
  });
});

describe('which traces are kept', () => {
  test.each([0, 0.1, 0.5, 1])('is the part that was asked for, of the ids that we make: %s', (ratio) => {
    const ids = Array.from({ length: 20_000 }, () => uuidv7());
    const kept = ids.filter((id) => isSampled(traceIdOf(id), ratio)).length / ids.length;
    expect(Math.abs(kept - ratio)).toBeLessThan(0.02); // nine standard deviations at the most uncertain
  });
  test('is said alike of a UUID and of the trace that it is', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.double({ min: 0, max: 1, noNaN: true }), (id, ratio) => {
        expect(isSampled(id, ratio)).toBe(isSampled(traceIdOf(id), ratio));
      }),
    );
  });
});

describe('the header between systems', () => {
  const trace = '0192f0aa12347abc81230123456789ab';
  test('reads as it was written', () => {
    const spanId = newSpanId();
    expect(readTraceparent(traceparentOf(trace, spanId))).toEqual({ traceId: trace, spanId });
  });
  test.each([
    ['none', undefined],
    ['two', [traceparentOf(trace, '00000000000000aa'), 'x']],
    ['another text', 'hello'],
    ['no trace', `00-${'0'.repeat(32)}-00000000000000aa-01`],
    ['no span', `00-${trace}-${'0'.repeat(16)}-01`],
    ['a version that is forbidden', `ff-${trace}-00000000000000aa-01`],
    ['one in upper case', `00-${trace.toUpperCase()}-00000000000000aa-01`],
  ])('is passed over where it says nothing: %s', (_title, header) => {
    expect(readTraceparent(header)).toBeUndefined();
  });
  test('of a later version is read as far as we know it', () => {
    const spanId = '00000000000000aa';
    expect(readTraceparent(`01-${trace}-${spanId}-00-more`)).toEqual({ traceId: trace, spanId });
  });
});
