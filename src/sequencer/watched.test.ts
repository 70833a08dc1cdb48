/** Whoever watches the writer cannot stop it: neither by a span nor by a figure. */
import { expect, test } from 'vitest';
import { buy, place } from '../core/testing/story.ts';
import { FAILING } from '../telemetry/throwing-tracing.fixture.ts';
import { by, expectAnnouncedAsWritten, liveHash, openStage, replayHash } from './stage.fixture.ts';

const small = (name: string) => place(buy(name, '1', '10'));

test.each(FAILING)('the writer goes on where tracing fails at %s', async (_at, tracing) => {
  const it = await openStage({ tracing });
  await it.sequencer.submit(small('A'), by);
  await it.sequencer.submit(small('B'), by);
  expect(it.fatal).toEqual([]);
  expect(it.sequencer.status).toBe('running');
  expect(it.warnings).toContain('what was done could not be told');
  expect(await liveHash(it.sequencer)).toBe(await replayHash(it.journal));
  await expectAnnouncedAsWritten(it);
  await it.sequencer.stop();
});

test('the writer goes on where its figures cannot be taken', async () => {
  const onCommit = (): never => {
    throw new Error('no figure today');
  };
  const it = await openStage({ onCommit });
  await it.sequencer.submit(small('A'), by);
  expect([it.sequencer.status, it.fatal]).toEqual(['running', []]);
  await it.sequencer.stop();
});
