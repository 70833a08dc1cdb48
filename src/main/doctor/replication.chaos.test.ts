/** The doctor before a real pair: what it says of a healthy one, and that it judges nothing it is not let see. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pair } from '../../../test/standby.ts';
import { findingsOf, urlWith, wordsOf } from './examined.fixture.ts';

let pair: Pair;
let primary: pg.Client;
beforeAll(async () => {
  pair = await Pair.start();
  primary = new pg.Client({ connectionString: pair.url(0) });
  await primary.connect();
  await primary.query("alter system set synchronous_standby_names = 'server_1'");
  await primary.query('select pg_reload_conf()');
  await primary.query("create role unsighted login password 'not-so-short'");
});
afterAll(async () => {
  await primary?.end();
  await pair?.end();
});

const ofReplication = async (url: string) => {
  const findings = await findingsOf('postgres', { POSTGRES_URL: url });
  return findings.filter(({ about }) => about === 'replication');
};

test('a healthy pair is well, and short of one standby more', async () => {
  const words = async () => wordsOf(await ofReplication(pair.url(0)));
  await expect.poll(words, { timeout: 15_000 }).toMatch(/^ok .* waits for 1 of 1 synchronous standbys$/m);
  expect(await words()).toMatch(/^ok replication: server_1 \(sync\) is streaming, 0\.0 MiB behind$/m);
  expect(await words()).not.toMatch(/^bad/m);
});

test('by a user without pg_monitor it is neither bad nor well: it cannot be seen', async () => {
  const url = urlWith(pair.url(0), { username: 'unsighted', password: 'not-so-short' });
  expect(await ofReplication(url)).toEqual([
    {
      grade: 'warn',
      about: 'replication',
      says: 'standbys are connected, and how they are cannot be seen',
      remedy: 'let the user of POSTGRES_URL see it: grant pg_monitor to unsighted',
    },
  ]);
  await primary.query('grant pg_monitor to unsighted');
  expect(wordsOf(await ofReplication(url))).toMatch(/^ok .* waits for 1 of 1 synchronous standbys$/m);
});

test('one whose standby is gone is bad, and the remedy is not to wait for nobody', async () => {
  await pair.kill(1);
  const gone = async () => (await ofReplication(pair.url(0))).find(({ grade }) => grade === 'bad');
  await expect.poll(gone, { timeout: 15_000 }).toMatchObject({
    says: 'commits wait for 1 standbys of "server_1", and 0 are there',
    remedy: expect.stringMatching(/^bring the standbys back/),
  });
});
