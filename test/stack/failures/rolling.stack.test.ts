/** Everything restarted, one after the other, under load: nothing fails that was not asked again and then answered. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { rolling } from '../../../stack/operations.ts';
import type { Role } from '../../../stack/part.ts';
import type { Stack } from '../../../stack/stack.ts';
import { Trial } from './trial.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await Trial.open();
});
afterEach(() => trial.restore());
afterAll(() => trial.proveReaders());

/** Which process each part of a role is. */
async function livesOf(stack: Stack, role: Role): Promise<Readonly<Record<string, unknown>>> {
  const lives = stack
    .partsCalled(role)
    .map(async ({ daemon }) => [daemon.name, await daemon.find()] as const);
  return Object.fromEntries(await Promise.all(lives));
}

async function rollUnderLoad(title: string, roles: readonly Role[]): Promise<void> {
  const measure = `rolling restart of ${title}`;
  await trial.underLoad(
    measure,
    async () => {
      for (const role of roles) {
        const before = await livesOf(trial.stack, role);
        await rolling(trial.stack, role);
        const after = await livesOf(trial.stack, role);
        for (const name of Object.keys(before)) expect(after[name], name).not.toEqual(before[name]);
      }
    },
    { measure },
  );
}

test('all of ITIRP is replaced under load, and every request gets its answer', async () => {
  await rollUnderLoad('every role', ['projector', 'publisher', 'engine', 'api']);
});

test('Kafka is restarted broker by broker', async () => {
  await rollUnderLoad('Kafka', ['kafka']);
});

test('Redis and the load balancer are restarted', async () => {
  await rollUnderLoad('Redis and HAProxy', ['redis', 'haproxy']);
});

test('PostgreSQL is restarted: the standby, and then the roles change hands', async () => {
  const before = (await trial.stack.postgres.primary()).id;
  await rollUnderLoad('PostgreSQL', ['postgres']);
  expect((await trial.stack.postgres.primary()).id).not.toBe(before);
});
