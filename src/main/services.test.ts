/** What the shared services are opened with. */
import { expect, test } from 'vitest';
import { sweepMsFor } from '../bus/kafka-sender.ts';
import { sendPatienceMs } from './services.ts';

test.each([100, 500, 5_000, 600_000])(
  'whoever waits %i ms for an answer hears before that that nothing was sent',
  (answerWaitMs) => {
    const patienceMs = sendPatienceMs(answerWaitMs);
    expect(patienceMs + sweepMsFor(patienceMs)).toBeLessThan(answerWaitMs);
  },
);
