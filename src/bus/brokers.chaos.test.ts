import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { KafkaCluster } from '../../stack/kafka.ts';
import { Fault } from '../faults/fault.ts';
import { silentLog } from '../telemetry/log.ts';
import type { Dispatch } from './dispatch.ts';
import { type KafkaBus, openKafkaBus } from './kafka-bus.ts';
import { placing } from './placing.fixture.ts';

const SHARDS = ['s1', 's2', 's3'];
let folder = '';
let cluster: KafkaCluster;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-brokers-'));
  cluster = await KafkaCluster.open({ folder, brokers: 3 });
  await cluster.start();
}, 240_000);
afterAll(async () => {
  await cluster.remove();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function openBus(prefix: string): Promise<KafkaBus> {
  const brokers = cluster.addresses;
  const options = { brokers, clientId: 'test', shards: SHARDS, replication: 0, log: silentLog(), prefix };
  const bus = await openKafkaBus(options);
  onTestFinished(() => bus.close());
  return bus;
}

/** Sends a command to each shard every few milliseconds, and remembers what was said about each. */
function traffic(bus: KafkaBus) {
  const kept: string[] = [];
  const notSent: string[] = [];
  const inDoubt: string[] = [];
  let isOver = false;
  const one = async (dispatch: Dispatch): Promise<void> => {
    try {
      await bus.sender.send(dispatch);
      kept.push(dispatch.commandId);
    } catch (error) {
      const code = error instanceof Fault ? error.code : String(error);
      if (code === 'BUS_UNAVAILABLE') notSent.push(dispatch.commandId);
      else if (code === 'COMMAND_IN_DOUBT') inDoubt.push(dispatch.commandId);
      else throw error;
    }
  };
  const running = (async () => {
    const under: Promise<void>[] = [];
    while (!isOver) {
      for (const shard of SHARDS) under.push(one(placing({}, { shard })));
      await sleep(10);
    }
    await Promise.all(under);
  })();
  const stop = async (): Promise<void> => {
    isOver = true;
    await running;
  };
  return { kept, notSent, inDoubt, stop };
}

/** All that comes to any shard, in its order. */
function listen(bus: KafkaBus) {
  const ids = new Map(SHARDS.map((shard) => [shard, [] as string[]]));
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  for (const shard of SHARDS) {
    bus.reader
      .follow(
        shard,
        undefined,
        async (received) => {
          for (const { dispatch } of received) ids.get(shard)?.push(dispatch?.commandId ?? 'poison');
        },
        stop.signal,
      )
      .catch(() => {});
  }
  return { all: (): string[] => [...ids.values()].flat() };
}

async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  patienceMs = 60_000,
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await sleep(50);
  }
}

/** What was kept came; what was not sent did not; and of those in doubt nobody promised anything. */
async function judge({ kept, notSent }: ReturnType<typeof traffic>, heard: ReturnType<typeof listen>) {
  await until('all that was kept has come', () => {
    const came = new Set(heard.all());
    return kept.every((id) => came.has(id));
  });
  const came = heard.all();
  expect(notSent.filter((id) => came.includes(id))).toEqual([]);
  expect(came.length - new Set(came).size).toBe(0);
}

test('topics are made with three copies, of which two must be written', async () => {
  await openBus('copies.');
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...cluster.addresses] });
  onTestFinished(() => admin.close());
  const { topics } = await admin.metadata({ topics: ['copies.itirp.commands'] });
  expect(topics.get('copies.itirp.commands')?.partitions.map(({ replicas }) => replicas.length)).toEqual([
    3, 3, 3,
  ]);
});

test('one of three brokers is killed, comes back, and another one is: no command is lost or doubled', async () => {
  const bus = await openBus('one.');
  const heard = listen(bus);
  const sent = traffic(bus);
  await until('commands flow', () => sent.kept.length > 100);
  for (const broker of cluster.brokers.slice(0, 2)) {
    await broker.daemon.kill();
    const before = sent.kept.length;
    await until('commands flow again', () => sent.kept.length > before + 300);
    await broker.start();
    await sleep(3_000); // its copies catch up
  }
  await sent.stop();
  await judge(sent, heard);
  process.stdout.write(
    `kept ${sent.kept.length}, in doubt ${sent.inDoubt.length}, not sent ${sent.notSent.length}\n`,
  );
}, 240_000);

test('a broker that is reachable and silent is left alone, and nobody waits for it for ever', async () => {
  const bus = await openBus('silent.');
  const heard = listen(bus);
  const sent = traffic(bus);
  await until('commands flow', () => sent.kept.length > 100);
  for (const { daemon } of cluster.brokers.slice(0, 2)) {
    await daemon.signalAll('SIGSTOP');
    const before = sent.kept.length;
    await until('commands flow again', () => sent.kept.length > before + 300);
    await daemon.signalAll('SIGCONT');
    await sleep(5_000); // it learns that it has been replaced, and its copies catch up
  }
  await sent.stop();
  await judge(sent, heard);
}, 240_000);

test('all brokers are gone for a while: every caller is told, and all goes on by itself', async () => {
  const bus = await openBus('all.');
  const heard = listen(bus);
  const sent = traffic(bus);
  await until('commands flow', () => sent.kept.length > 100);
  await cluster.kill();
  await until('callers are told that nothing was sent', () => sent.notSent.length > 100);
  await sleep(15_000);
  await cluster.start();
  const before = sent.kept.length;
  await until('commands flow again', () => sent.kept.length > before + 300);
  await sent.stop();
  await judge(sent, heard);
  process.stdout.write(
    `kept ${sent.kept.length}, in doubt ${sent.inDoubt.length}, not sent ${sent.notSent.length}\n`,
  );
}, 240_000);

/** An engine's side of the group: what it owns now. */
async function member(prefix: string): Promise<Set<string>> {
  const owned = new Set<string>();
  const bus = await openBus(prefix);
  await bus.membership.join({
    assigned: (shards) => {
      for (const shard of shards) owned.add(shard);
    },
    revoked: async (shards) => {
      for (const shard of shards) owned.delete(shard);
    },
  });
  return owned;
}

test('brokers go, one after another and then all: each shard ends with one engine', async () => {
  const engines = [await member('group.'), await member('group.')];
  const dealt = (): string => engines.flatMap((owned) => [...owned].sort()).join();
  const isWhole = (): boolean =>
    engines.every(({ size }) => size > 0) && dealt().split(',').sort().join() === SHARDS.join();
  await until('both have some', isWhole);
  for (const broker of cluster.brokers) {
    await broker.daemon.kill();
    await sleep(8_000); // one of them had the group
    await broker.start();
    await until('each shard has one engine', isWhole);
  }
  await cluster.kill();
  await sleep(20_000);
  await cluster.start();
  await sleep(10_000); // more than a session
  await until('each shard has one engine', isWhole);
  const third = await member('group.');
  engines.push(third);
  await until('a third engine gets its share: the group still works', isWhole);
}, 280_000);
