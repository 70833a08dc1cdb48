import { readFile, writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Daemon } from './daemon.ts';
import { familyOf, lifeOf } from './processes.ts';
import { scratchFolder } from './scratch.ts';

/** A shell with a child; both sleep, the shell after saying `ready`. */
const PARENT = ['-c', 'sleep 600 & echo ready; wait'];

async function daemon(args: readonly string[] = PARENT): Promise<Daemon> {
  const made = new Daemon('sleeper', await scratchFolder());
  onTestFinished(() => made.kill());
  await made.start({ file: '/bin/sh', args });
  await made.until(async () => (await readFile(made.logFile, 'utf8')).includes('ready'), 10_000);
  return made;
}

test('a killed one is gone with its children', async () => {
  const sleeper = await daemon();
  const family = await familyOf((await sleeper.find())?.pid ?? 0);
  expect(family).toHaveLength(2);
  await sleeper.kill();
  expect(await Promise.all(family.map(({ pid }) => lifeOf(pid)))).toEqual([undefined, undefined]);
  expect(await sleeper.vitals()).toBeUndefined();
});

test('who started it does not matter: another hand finds it by its pid file', async () => {
  const sleeper = await daemon();
  const folder = sleeper.pidFile.replace('/run/sleeper.pid', '');
  expect(await new Daemon('sleeper', folder).find()).toEqual(await sleeper.find());
});

test('a pid that came round again is a stranger, and is not killed', async () => {
  const sleeper = await daemon();
  await writeFile(sleeper.pidFile.replace('sleeper.pid', 'dead.pid'), `${process.pid} 1`); // ours, by another birth
  const dead = new Daemon('dead', sleeper.pidFile.replace('/run/sleeper.pid', ''));
  expect(await dead.find()).toBeUndefined();
  await dead.kill(); // or this test would not live to say
});

test('a paused one says so, and is woken to be stopped', async () => {
  const sleeper = await daemon();
  await sleeper.signalAll('SIGSTOP');
  await expect.poll(async () => (await sleeper.vitals())?.isPaused).toBe(true);
  expect(await sleeper.stop(10_000)).toBe(true);
  expect(await sleeper.find()).toBeUndefined();
});

test('one that does not listen is killed when patience ends', async () => {
  const deaf = await daemon(['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done']);
  expect(await deaf.stop(300)).toBe(false);
  expect(await deaf.find()).toBeUndefined();
});

test('one that ends before it is ready is reported with its last words', async () => {
  const brief = new Daemon('brief', await scratchFolder());
  await brief.start({ file: '/bin/sh', args: ['-c', 'sleep 0.2; echo no room left'] });
  await expect(brief.until(async () => false, 10_000)).rejects.toThrow('no room left');
});
