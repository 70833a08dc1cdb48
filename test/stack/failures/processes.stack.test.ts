/** ITIRP's own processes killed and paused, role by role, under load. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ItirpProcess } from '../../../stack/itirp.ts';
import { kill, start, stop } from '../../../stack/operations.ts';
import { moreKnown } from '../house-under-load.ts';
import type { Load } from '../load/load.ts';
import { keep, takeovers } from './measures.ts';
import { Trial } from './trial.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await Trial.open();
});
afterEach(() => trial.restore());
afterAll(() => trial.proveReaders());

test('an API node is killed: the others answer, and it comes back', async () => {
  await trial.underLoad(
    'kill of an API node',
    async (load) => {
      await kill(trial.stack, 'api-1');
      await moreKnown(load, 60);
      await start(trial.stack, 'api-1');
    },
    { measure: 'API node killed' },
  );
});

test('every projector and every publisher is killed: orders go on, and the views catch up', async () => {
  const roles = ['projector', 'publisher'];
  const failure = async (load: Load): Promise<void> => {
    await Promise.all(roles.map((role) => kill(trial.stack, role)));
    await moreKnown(load, 100);
    await Promise.all(roles.map((role) => start(trial.stack, role)));
  };
  const measure = 'all projectors and publishers killed';
  await trial.underLoad('kill of projectors and publishers', failure, { measure });
});

test('an engine is killed: another takes its shard over', async () => {
  let killedAt = 0;
  const evidence = await trial.underLoad('kill of an engine', async () => {
    const name = await owner();
    killedAt = Date.now();
    await kill(trial.stack, name);
    await sleep(9_000);
    await start(trial.stack, name);
    await sleep(3_000); // a shard comes back to it
  });
  const measure = 'engine killed, first order accepted by the new owner';
  const longest = keep(trial.stack, measure, takeovers(evidence, killedAt).values());
  expect(longest).toBeLessThan(3 * 10_000); // 10 s are promised, and the bench holds us to them: this finds what hangs
});

/** An engine that owns a shard: its own log says that one came to it, and none went since. */
async function owner(): Promise<string> {
  for (const name of ['engine-1', 'engine-2', 'engine-3']) {
    const words = await trial.stack.part(name).daemon.lastWords(500);
    if (words.lastIndexOf('shards came to this engine') > words.lastIndexOf('shards go to another engine'))
      return name;
  }
  throw new Error('no engine says that it owns a shard');
}

test('an engine that slept past its session is refused by the database when it wakes, and ends', async () => {
  const place = trial.stack.part('engine-1');
  if (!(place instanceof ItirpProcess)) throw new TypeError('engine-1 is one of ours');
  await stop(trial.stack, 'engine-1');
  const sleeper = new Sleeper(place);
  onTestFinished(() => sleeper.end());
  await sleeper.says('shards came to this engine');
  await trial.underLoad('sleep of an engine', async () => {
    const before = await epochs();
    sleeper.child.kill('SIGSTOP');
    await expect.poll(epochs, { timeout: 30_000 }).not.toEqual(before);
    await sleep(2_000); // others trade on in its shard
    sleeper.child.kill('SIGCONT');
    const [code] = (await once(sleeper.child, 'exit')) as [number | null];
    expect(code, sleeper.words).not.toBe(0);
    expect(code, sleeper.words).not.toBeNull();
    expect(sleeper.words).toContain('JOURNAL_CONFLICT');
    await start(trial.stack, 'engine-1');
  });
});

const epochs = async (): Promise<readonly unknown[]> =>
  await trial.query('select shard, epoch from shards order by shard');

/** An engine in the place of one of the stack's, whose exit code we see. */
class Sleeper {
  readonly child: ChildProcess;
  words = '';

  constructor({ settings }: ItirpProcess) {
    const launcher = new URL('../../../bin/itirp.js', import.meta.url).pathname;
    const env = { ...process.env, ...settings };
    this.child = spawn(process.execPath, [launcher, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.words += text;
      });
    }
  }

  async says(words: string): Promise<void> {
    await expect.poll(() => this.words, { timeout: 60_000 }).toContain(words);
  }

  end(): void {
    this.child.kill('SIGCONT');
    this.child.kill('SIGKILL');
  }
}
