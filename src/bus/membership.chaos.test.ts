import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { sharedKafka } from '../../test/kafka-brokers.ts';
import { until } from '../../test/redis.ts';

const PROCESS = fileURLToPath(new URL('./testing/member-process.ts', import.meta.url));
let broker = '';
beforeAll(async () => {
  broker = (await sharedKafka())[0] ?? '';
}, 150_000);

/** What happened in any of the members, in the order it was heard here. */
type Story = { readonly who: string; readonly what: string; readonly shard: string; readonly at: number }[];

class Member {
  readonly name: string;
  readonly owned = new Set<string>();
  readonly child: ChildProcess;

  constructor(name: string, prefix: string, story: Story, sessionMs: number) {
    this.name = name;
    this.child = spawn(process.execPath, [PROCESS, broker, prefix, name, `${sessionMs}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void this.child.kill('SIGKILL'));
    const { stdout } = this.child;
    if (stdout === null) throw new Error('a member speaks');
    createInterface({ input: stdout }).on('line', (line) => {
      const [what = '', list = ''] = line.split(' ');
      for (const shard of list.split(',').filter((one) => one !== '')) {
        story.push({ who: name, what, shard, at: performance.now() });
        if (what === 'assigned') this.owned.add(shard);
        else this.owned.delete(shard);
      }
    });
  }
}

function cast(sessionMs = 6_000) {
  const prefix = `m${randomBytes(5).toString('hex')}.`;
  const story: Story = [];
  return { story, newMember: (name: string): Member => new Member(name, prefix, story, sessionMs) };
}

const all = (...members: readonly Member[]): string =>
  members
    .flatMap(({ owned }) => [...owned])
    .sort()
    .join();
const ALL = 's1,s2,s3';

test('shards spread over the engines that come, each let go of before it is given on', async () => {
  const { story, newMember } = cast();
  const one = newMember('one');
  await until('the first has all', () => all(one) === ALL);
  const two = newMember('two');
  const three = newMember('three');
  await until('each has one', () => [one, two, three].every(({ owned }) => owned.size === 1));
  expect(all(one, two, three)).toBe(ALL);
  for (const { who, shard, at } of story.filter(({ what, who: by }) => what === 'assigned' && by !== 'one')) {
    const released = story.find(
      (told) => told.what === 'released' && told.shard === shard && told.who !== who,
    );
    expect(released?.at).toBeLessThan(at);
  }
  const moved = story.filter(({ what }) => what === 'revoked').length;
  expect(moved).toBeLessThanOrEqual(3); // what need not move stays where it is
});

test('an engine that leaves hands its shards on, long before its session has run out', async () => {
  const { newMember } = cast(300_000);
  const [one, two] = [newMember('one'), newMember('two')];
  await until('both have some', () => one.owned.size > 0 && two.owned.size > 0 && all(one, two) === ALL);
  one.child.kill('SIGTERM');
  await until('the other has all', () => all(two) === ALL);
});

test('the shards of a killed engine come to the others', async () => {
  const { story, newMember } = cast();
  const [one, two] = [newMember('one'), newMember('two')];
  await until('both have some', () => one.owned.size > 0 && two.owned.size > 0 && all(one, two) === ALL);
  const before = performance.now();
  one.child.kill('SIGKILL');
  await until('the other has all', () => all(two) === ALL);
  const tookMs = Math.max(...story.map(({ at }) => at)) - before;
  process.stdout.write(`shards moved ${Math.round(tookMs)} ms after SIGKILL\n`);
});

test('an engine paused past its session learns at its return that it has lost its shards', async () => {
  const { story, newMember } = cast();
  const [one, two] = [newMember('one'), newMember('two')];
  await until('both have some', () => one.owned.size > 0 && two.owned.size > 0 && all(one, two) === ALL);
  const had = [...one.owned];
  one.child.kill('SIGSTOP');
  await until('the other has all', () => all(two) === ALL);
  one.child.kill('SIGCONT');
  await until('it lets go', () =>
    had.every((shard) =>
      story.some((told) => told.who === 'one' && told.what === 'revoked' && told.shard === shard),
    ),
  );
  await until('both have some again', () => one.owned.size > 0 && all(one, two) === ALL);
});
