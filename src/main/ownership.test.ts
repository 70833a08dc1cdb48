/** How a process takes up and lets go of the shards that it is dealt. */
import { expect, test } from 'vitest';
import { Fault } from '../faults/fault.ts';
import { Ownership } from './ownership.ts';

class Stage {
  readonly said: string[] = [];
  readonly fatal: unknown[] = [];
  /** How often a shard was dealt, however many attempts it took. */
  holds = 0;
  /** Whatever was taken up says so when it must not go on. */
  breakDown: (error: unknown) => void = () => {};
  /** What becomes of the next attempts; those beyond succeed. */
  readonly fates: Error[] = [];
  /** Attempts wait for it. */
  gate: Promise<void> = Promise.resolve();
  readonly ownership = new Ownership({
    attemptsAt: (shard) => {
      this.holds += 1;
      return async (_signal, onFatal) => {
        this.said.push(`takes ${shard}`);
        this.breakDown = onFatal;
        await this.gate;
        const fate = this.fates.shift();
        if (fate !== undefined) throw fate;
        return {
          stop: async () => {
            this.said.push(`stops ${shard}`);
          },
        };
      };
    },
    backoffMs: { first: 1, most: 2 },
    onTrouble: (shard, fault) => this.said.push(`${shard}: ${fault.code}`),
    onFatal: (error) => this.fatal.push(error),
  });
}

test('a shard is taken up once, however often it is dealt, and let go of once', async () => {
  const { ownership, said } = new Stage();
  ownership.assigned(['a', 'b']);
  ownership.assigned(['a']);
  await expect.poll(() => ownership.standing).toEqual(['a', 'b']);
  await Promise.all([ownership.revoked(['a']), ownership.revoked(['a', 'stranger'])]);
  expect(ownership.dealt).toEqual(['b']);
  expect(said.filter((words) => words === 'takes a')).toHaveLength(1);
  await ownership.stop();
  expect(said.at(-1)).toBe('stops b');
});

test('an outage is waited out, as one and the same claimant', async () => {
  const stage = new Stage();
  const { ownership, said, fates, fatal } = stage;
  fates.push(new Fault('JOURNAL_UNAVAILABLE'), new Fault('DATABASE_UNAVAILABLE'));
  ownership.assigned(['a']);
  await expect.poll(() => ownership.standing).toEqual(['a']);
  expect(said).toEqual([
    'takes a',
    'a: JOURNAL_UNAVAILABLE',
    'takes a',
    'a: DATABASE_UNAVAILABLE',
    'takes a',
  ]);
  expect(fatal).toEqual([]);
  expect(stage.holds).toBe(1);
  await ownership.revoked(['a']);
  ownership.assigned(['a']);
  await expect.poll(() => ownership.standing).toEqual(['a']);
  expect(stage.holds).toBe(2);
});

test('what trying again would not mend ends the process', async () => {
  const { ownership, fates, fatal } = new Stage();
  fates.push(new Fault('JOURNAL_NEWER'));
  ownership.assigned(['a']);
  await expect.poll(() => fatal).toMatchObject([{ code: 'JOURNAL_NEWER' }]);
  expect(ownership.standing).toEqual([]);
});

test('a shard that goes while it is being taken up is stopped as soon as it stands, and can come back', async () => {
  const stage = new Stage();
  const { promise, resolve } = Promise.withResolvers<void>();
  stage.gate = promise;
  stage.ownership.assigned(['a']);
  const going = stage.ownership.revoked(['a']);
  resolve();
  await going;
  expect(stage.said).toEqual(['takes a', 'stops a']);
  expect(stage.ownership.standing).toEqual([]);
  stage.ownership.assigned(['a']);
  await expect.poll(() => stage.ownership.standing).toEqual(['a']);
});

test('a shard that comes back while it is still being let go of is taken up after that', async () => {
  const stage = new Stage();
  const { promise, resolve } = Promise.withResolvers<void>();
  stage.gate = promise;
  stage.ownership.assigned(['a']);
  const going = stage.ownership.revoked(['a']);
  stage.ownership.assigned(['a']);
  resolve();
  await going;
  await expect.poll(() => stage.ownership.standing).toEqual(['a']);
  expect(stage.said).toEqual(['takes a', 'stops a', 'takes a']);
});

test('a failure of a shard that is no longer ours is nobody’s trouble', async () => {
  const stage = new Stage();
  const { promise, resolve } = Promise.withResolvers<void>();
  stage.gate = promise;
  stage.fates.push(new Fault('JOURNAL_CONFLICT'));
  stage.ownership.assigned(['a']);
  const going = stage.ownership.revoked(['a']);
  resolve();
  await going;
  expect(stage.fatal).toEqual([]);
});

test('what is dealt to a process that has stopped is not taken up: its claim would end the next owner', async () => {
  const stage = new Stage();
  stage.ownership.assigned(['a']);
  await expect.poll(() => stage.ownership.standing).toEqual(['a']);
  const stopping = stage.ownership.stop();
  stage.ownership.assigned(['a', 'b']);
  await stopping;
  stage.ownership.assigned(['c']);
  expect(stage.ownership.dealt).toEqual([]);
  expect(stage.said).toEqual(['takes a', 'stops a']);
});

test('another owner ends the process, but not where the shard was on its way back and never stood', async () => {
  const stage = new Stage();
  const { promise, resolve } = Promise.withResolvers<void>();
  stage.gate = promise;
  stage.ownership.assigned(['a']);
  const going = stage.ownership.revoked(['a']);
  stage.breakDown(new Fault('JOURNAL_CONFLICT'));
  resolve();
  await going;
  expect(stage.fatal).toEqual([]);
  stage.ownership.assigned(['a']);
  await expect.poll(() => stage.ownership.standing).toEqual(['a']);
  await stage.ownership.revoked(['a']);
  stage.breakDown(new Fault('JOURNAL_CONFLICT'));
  expect(stage.fatal).toMatchObject([{ code: 'JOURNAL_CONFLICT' }]);
});
