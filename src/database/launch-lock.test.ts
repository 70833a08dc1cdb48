/** One launcher at a time, and none that a dead one keeps waiting. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withLaunchLock } from './launch-lock.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launch-lock-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('who comes second waits for the first', async () => {
  const path = join(folder, 'two');
  const done: string[] = [];
  const { promise: leave, resolve } = Promise.withResolvers<void>();
  const first = withLaunchLock(path, 1_000, async () => {
    await leave;
    done.push('first');
  });
  await new Promise((next) => setTimeout(next, 20));
  const second = withLaunchLock(path, 1_000, async () => done.push('second'));
  resolve();
  await Promise.all([first, second]);
  expect(done).toEqual(['first', 'second']);
});

test('in a container the next life has the pid of the last one, and does not wait for itself', async () => {
  const path = join(folder, 'own');
  await writeFile(path, `${process.pid} 1`);
  await expect(withLaunchLock(path, 100, async () => 'got it')).resolves.toBe('got it');
});

test('another program that lives is not pushed aside', async () => {
  const path = join(folder, 'other');
  await writeFile(path, `${process.ppid} 1`);
  const late = withLaunchLock(path, 100, async () => 'got it');
  await expect(late).rejects.toMatchObject({ code: 'DATABASE_LAUNCH' });
});
