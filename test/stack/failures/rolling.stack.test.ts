/** Every role restarted, one node after the other, under load: nothing fails that was not asked again and then answered. */
import { afterEach, beforeAll, test } from 'vitest';
import { rolling } from '../../../stack/operations.ts';
import { Trial } from './trial.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await Trial.open();
});
afterEach(() => trial.restore());

test('all of ITIRP is replaced under load, and every request gets its answer', async () => {
  await trial.underLoad(
    'rolling restart of every role',
    async () => {
      for (const role of ['projector', 'publisher', 'engine', 'api'] as const)
        await rolling(trial.stack, role);
    },
    { measure: 'rolling restart of every role' },
  );
});
