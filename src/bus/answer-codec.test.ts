import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Micros, Position } from '../core/values/names.ts';
import { FAULTS, Fault, type FaultCode } from '../faults/fault.ts';
import { anyEvent } from '../journal/any-entry.fixture.ts';
import { decodeAnswers, encodeAnswers } from './answer-codec.ts';
import type { Answer, Outcome } from './dispatch.ts';

const whole = fc.integer({ min: 0, max: 2 ** 46 });
const committed = fc
  .tuple(whole, whole, fc.array(anyEvent, { maxLength: 4 }))
  .map(([at, position, events]): Outcome => {
    return { kind: 'committed', committed: { at: at as Micros, position: position as Position, events } };
  });
const faulted = fc
  .tuple(fc.constantFrom(...(Object.keys(FAULTS) as FaultCode[])), fc.option(fc.string(), { nil: undefined }))
  .map(([code, detail]): Outcome => ({ kind: 'fault', code, detail }));
const anyAnswers = fc.array(
  fc.record(
    { commandId: fc.uuid(), shard: fc.string(), outcome: fc.oneof(committed, faulted) },
    { noNullPrototype: true },
  ) as fc.Arbitrary<Answer>,
  { maxLength: 5 },
);

test('any answers come over as they were', () => {
  fc.assert(
    fc.property(anyAnswers, (answers) => {
      expect(decodeAnswers(encodeAnswers(answers))).toEqual(answers);
    }),
  );
});

test('bytes of any kind, and answers with a changed byte, read or are COMMAND_INVALID', () => {
  const changed = fc.tuple(anyAnswers, fc.nat(), fc.nat({ max: 255 })).map(([answers, at, value]) => {
    const bytes = encodeAnswers(answers);
    bytes[at % bytes.length] = value;
    return bytes;
  });
  const any = fc.oneof(changed, fc.uint8Array({ maxLength: 200 }).map(Buffer.from));
  fc.assert(
    fc.property(any, (bytes) => {
      try {
        decodeAnswers(Buffer.from(bytes));
      } catch (error) {
        expect(error instanceof Fault && error.code).toBe('COMMAND_INVALID');
      }
    }),
    { numRuns: 500 },
  );
});
