/** The holder of a job is killed, or paused: the stand-by takes over, and a holder that wakes up hears that it lost. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptySchema } from '../../test/schema.ts';

const LEADER = new URL('../../test/leader.ts', import.meta.url).pathname;
let url: string;
const children: ChildProcess[] = [];

/** A contender in a process of its own, and all it has said. */
function contender(): { readonly child: ChildProcess; readonly said: string[] } {
  const child = spawn(process.execPath, [LEADER, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  children.push(child);
  return { child, said };
}
const within = (ms: number) => ({ timeout: ms, interval: 20 });

beforeEach(async () => {
  url = await emptySchema();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

test('killed: the stand-by leads at its next look', async () => {
  const first = contender();
  await expect.poll(() => first.said, within(20_000)).toEqual(['leads']);
  const second = contender();
  first.child.kill('SIGKILL');
  await expect.poll(() => second.said, within(20_000)).toEqual(['leads']);
});

test('paused: the server ends its session, the stand-by leads, and once awake it knows', async () => {
  const first = contender();
  await expect.poll(() => first.said, within(20_000)).toEqual(['leads']);
  const second = contender();
  first.child.kill('SIGSTOP');
  await expect.poll(() => second.said, within(30_000)).toEqual(['leads']);
  first.child.kill('SIGCONT');
  await expect.poll(() => first.said, within(20_000)).toEqual(['leads', 'lost']);
  second.child.kill('SIGKILL');
  await expect.poll(() => first.said, within(20_000)).toEqual(['leads', 'lost', 'leads']);
});
