/** Work that is begun and ended by somebody who changes his mind. */
import { expect, test } from 'vitest';
import { Job } from './job.ts';

function stage() {
  const said: string[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const job = new Job(() => {
    said.push('begins');
    return async () => {
      said.push('ends');
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      said.push('ended');
    };
  });
  return { job, said, gates };
}
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

test('it never runs twice at once: the next begins when the one before has ended', async () => {
  const { job, said, gates } = stage();
  job.begin();
  job.begin();
  await turn();
  const ending = job.end();
  job.begin();
  await turn();
  expect(said).toEqual(['begins', 'ends']);
  gates[0]?.resolve();
  await ending;
  await turn();
  expect(said).toEqual(['begins', 'ends', 'ended', 'begins']);
});

test('what is called off before its turn never begins', async () => {
  const { job, said } = stage();
  job.begin();
  await job.end();
  await turn();
  expect(said).toEqual([]);
});
