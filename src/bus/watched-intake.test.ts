/** Whoever traces the intake cannot keep a command from being decided, or an answer from being sent. */
import { expect, test } from 'vitest';
import { FAILING } from '../telemetry/throwing-tracing.fixture.ts';
import { received, stage, told } from './intake.fixture.ts';
import { placing } from './placing.fixture.ts';

test.each(FAILING)('commands are decided and answered where tracing fails at %s', async (_at, tracing) => {
  const { intake, decider, answers } = stage({ tracing });
  await intake.take(received(placing(), placing()));
  await intake.settled();
  await told();
  expect([decider.seen.length, answers.length]).toEqual([2, 2]);
  await intake.take(received(placing())); // and after answers whose spans failed
  await told();
  expect(answers).toHaveLength(3);
});
