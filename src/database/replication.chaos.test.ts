/** What a primary tells of its copies: level, behind, waited for, gone. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Pair } from '../../test/standby.ts';
import { openPool } from './pool.ts';
import { isSynchronous, readFollowers } from './replication.ts';

let pair: Pair;
let primary: pg.Pool;
let standby: pg.Pool;

beforeAll(async () => {
  pair = await Pair.start();
  [primary, standby] = [openPool(pair.url(0)), openPool(pair.url(1))];
});
afterAll(async () => {
  await Promise.all([primary.end(), standby.end()]);
  await pair.end();
});

const soon = { timeout: 15_000, interval: 50 };
const seen = () => readFollowers(primary);
const bytesBehind = async (): Promise<number | undefined> => (await seen())?.[0]?.lagBytes;

test('a standby that has all is level, by the name it gave itself', async () => {
  const level = { name: 'server_1', state: 'streaming', sync: 'async', lagBytes: 0, lagSeconds: 0 };
  await expect.poll(seen, soon).toEqual([level]);
});

test('one that does not replay is behind by what was written, and level again once it does', async () => {
  await standby.query('select pg_wal_replay_pause()');
  await primary.query('create table told as select generate_series(1, 10000) as n');
  await expect.poll(bytesBehind, soon).toBeGreaterThan(100_000);
  await standby.query('select pg_wal_replay_resume()');
  await expect.poll(bytesBehind, soon).toBe(0);
});

test('to a user without pg_monitor how they are is unknown, and not that there are none; with it all is told', async () => {
  await primary.query("create role unsighted login password 'unsighted'");
  const url = Object.assign(new URL(pair.url(0)), { username: 'unsighted', password: 'unsighted' }).href;
  const unsighted = openPool(url, { connectionsMax: 1 });
  onTestFinished(() => unsighted.end());
  expect(await readFollowers(unsighted)).toBeUndefined();
  await primary.query('grant pg_monitor to unsighted');
  expect(await readFollowers(unsighted)).toMatchObject([{ name: 'server_1', state: 'streaming' }]);
});

test('one that commits wait for is counted, and one that is gone is not shown', async () => {
  const synchronous = async () => (await seen())?.filter(isSynchronous).length;
  await primary.query("alter system set synchronous_standby_names = 'server_1'");
  await primary.query('select pg_reload_conf()');
  await expect.poll(synchronous, soon).toBe(1);
  await primary.query("alter system set synchronous_standby_names = ''");
  await primary.query('select pg_reload_conf()');
  await expect.poll(synchronous, soon).toBe(0);
  await pair.kill(1);
  await expect.poll(seen, soon).toEqual([]);
});
