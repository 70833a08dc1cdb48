import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts } from './ports.ts';
import { PostgresPair } from './postgres.ts';
import { promote } from './postgres-standby.ts';
import { scratchFolder } from './scratch.ts';

async function startedPair(): Promise<PostgresPair> {
  const folder = await scratchFolder();
  const [first = 0, second = 0] = await freePorts(2);
  const passwords = { adminPassword: 'admin-of-the-test', password: 'role-of-the-test' };
  const pair = await PostgresPair.open({ folder, ports: { 1: first, 2: second }, ...passwords });
  onTestFinished(async () => {
    await pair.servers[1].daemon.kill();
    await pair.servers[2].daemon.kill();
  });
  await pair.start();
  return pair;
}

/** As the platform's own role, on one of the two. */
async function on(pair: PostgresPair, id: 1 | 2, statement: string): Promise<readonly unknown[]> {
  const client = new pg.Client({
    connectionString: pair.urlAt([`127.0.0.1:${pair.servers[id].port}`]),
    query_timeout: 5_000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

test('what the primary confirmed is on the standby when the primary is killed', async () => {
  const pair = await startedPair();
  await on(pair, 1, 'create table kept (n int)');
  for (let n = 1; n <= 50; n += 1) await on(pair, 1, `insert into kept values (${n})`);
  await pair.failover({ fence: 'kill', rebuild: false });
  expect(await on(pair, 2, 'select count(*)::int as n from kept')).toEqual([{ n: 50 }]);
  await on(pair, 2, 'insert into kept values (51)');
});

test('the roles change hands and back, and each time commits wait for the other', async () => {
  const pair = await startedPair();
  await on(pair, 1, 'create table kept (n int)');
  await pair.failover({ fence: 'kill' });
  await on(pair, 2, 'insert into kept values (1)');
  expect(await on(pair, 2, 'show synchronous_standby_names')).toEqual([
    { synchronous_standby_names: 'postgres_1' },
  ]);
  await pair.failover();
  await on(pair, 1, 'insert into kept values (2)');
  expect(await on(pair, 2, 'select n from kept order by n')).toEqual([{ n: 1 }, { n: 2 }]);
});

test('without its standby the primary confirms nothing, until it is told to go on alone', async () => {
  const pair = await startedPair();
  await on(pair, 1, 'create table kept (n int)');
  await pair.servers[2].daemon.kill();
  await expect(on(pair, 1, 'insert into kept values (1)')).rejects.toThrow('timeout');
  await pair.releaseStandby();
  await on(pair, 1, 'insert into kept values (2)');
  await pair.start(); // and the standby is back, with all of it
  await on(pair, 1, 'insert into kept values (3)');
  expect(await on(pair, 2, 'select count(*)::int as n from kept where n > 1')).toEqual([{ n: 2 }]);
});

test('a standby that the primary did not wait for is not made the primary, unless the loss is taken', async () => {
  const pair = await startedPair();
  await pair.releaseStandby();
  await pair.servers[1].daemon.kill();
  await expect(pair.failover()).rejects.toThrow('may lack');
  await pair.failover({ force: true, rebuild: false });
  await on(pair, 2, 'create table taken (n int)');
});

test('a failover that was broken off after the promotion is finished, and what was written since is kept', async () => {
  const pair = await startedPair();
  await on(pair, 1, 'create table kept (n int)');
  await pair.servers[1].stop();
  await promote(pair.servers[2].url);
  await on(pair, 2, "set synchronous_commit = 'local'; insert into kept values (1)");
  await pair.start(); // as `up` does, of which nobody has said who the primary is
  expect((await pair.primary()).id).toBe(2);
  expect(await on(pair, 2, 'select n from kept')).toEqual([{ n: 1 }]);
  await on(pair, 2, 'insert into kept values (2)');
  expect(await on(pair, 1, 'select count(*)::int as n from kept')).toEqual([{ n: 2 }]);
});

test('the platform runs as nobody who could switch durability off for all', async () => {
  const pair = await startedPair();
  await expect(on(pair, 1, 'alter system set fsync = off')).rejects.toThrow('permission denied');
});
