import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { itirp } from './itirp.ts';
import { kill, type PartStatus, pause, resume, start, statusOf } from './operations.ts';
import { lifeOf } from './processes.ts';
import { scratchFolderOfFile } from './scratch.ts';
import { softwareFolder } from './software.ts';
import { Stack, wipeStack } from './stack.ts';
import { readState } from './state.ts';

const folder = await scratchFolderOfFile();
let stack: Stack;

/** With one broker: what is told here does not depend on how many there are. */
beforeAll(async () => {
  stack = await Stack.open({ folder, software: softwareFolder(), brokers: 1 });
  await stack.up();
});
afterAll(async () => {
  for (const { daemon } of stack.parts) await daemon.kill();
});

const pids = (parts: readonly PartStatus[]) => Object.fromEntries(parts.map(({ name, pid }) => [name, pid]));
const failing = (parts: readonly PartStatus[]) => parts.filter(({ health }) => health !== 'ready');

test('all parts are up, each at its port', async () => {
  const parts = await statusOf(stack);
  expect(parts).toHaveLength(15);
  expect(failing(parts)).toEqual([]);
  expect(new Set(parts.map(({ port }) => port)).size).toBe(parts.length);
});

test('up, where all runs, changes nothing: no process is another one', async () => {
  const before = await statusOf(stack);
  const again = await Stack.open({ folder, software: softwareFolder() });
  await again.up();
  expect(pids(await statusOf(again))).toEqual(pids(before));
});

test('a part that was killed is down, up starts it and no other', async () => {
  const before = pids(await statusOf(stack));
  await kill(stack, 'projector-1');
  expect(failing(await statusOf(stack)).map(({ name, health }) => `${name} ${health}`)).toEqual([
    'projector-1 down',
  ]);
  await stack.up();
  const after = pids(await statusOf(stack));
  expect(after['projector-1']).not.toBe(before['projector-1']);
  expect({ ...after, 'projector-1': undefined }).toEqual({ ...before, 'projector-1': undefined });
});

test('a part that is paused says so, and goes on when it is resumed', async () => {
  await pause(stack, 'redis');
  expect(failing(await statusOf(stack)).map(({ name, health }) => `${name} ${health}`)).toContain(
    'redis paused',
  );
  await resume(stack, 'redis');
  await start(stack, 'redis');
  await expect.poll(async () => failing(await statusOf(stack)), { timeout: 30_000 }).toEqual([]);
});

test('callers reach the platform through the load balancer, as users that were made for them', async () => {
  const body = JSON.stringify({ username: 'trader-a', password: stack.state.secrets.traders });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${stack.url}/api/v1/auth/login`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
});

test('the operator’s commands are run on the stack’s own services', async () => {
  const said = await itirp(['verify', '--json'], stack.toolSettings);
  const told = JSON.parse(said.slice(said.indexOf('{'))) as { sound: boolean; shards: object };
  expect(told.sound).toBe(true);
  expect(JSON.stringify(told)).toContain('desk-a');
});

test('the secrets are for one user’s eyes', async () => {
  const { stdout } = await promisify(execFile)('stat', ['-c', '%a', join(folder, 'state.json')]);
  expect(stdout.trim()).toBe('600');
});

test('another shape than the one it was made in is refused with the remedy', async () => {
  await expect(Stack.open({ folder, software: softwareFolder(), brokers: 3 })).rejects.toThrow('--wipe');
});

test('down ends every process and leaves what they wrote; wiped, nothing is left', async () => {
  const before = (await statusOf(stack)).map(({ pid }) => pid ?? 0);
  await stack.down();
  expect((await statusOf(stack)).map(({ health }) => health)).toEqual(stack.parts.map(() => 'down'));
  const alive = await Promise.all(before.map(lifeOf));
  expect(alive.filter((life) => life !== undefined)).toEqual([]);
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['data', 'logs', 'state.json']));
  await wipeStack(folder);
  expect(await readState(folder)).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});
