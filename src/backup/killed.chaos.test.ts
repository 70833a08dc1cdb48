/** A backup that is killed in the middle: nothing half made is ever taken for the newest one, and the next one is good. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dice } from '../../test/dice.ts';
import { itirp } from '../../test/server.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrations.ts';
import { listBackups } from './backups.ts';
import { inspect } from './inspection.ts';
import { TradingHouse } from './trading-house.fixture.ts';
import { FolderVault } from './vault-folder.ts';

const LAUNCHER = new URL('../../bin/itirp.js', import.meta.url).pathname;
const KILLS = 5;
let dataDir: string;
let place: string;
let database: Database;
let house: TradingHouse;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'itirp-killed-'));
  place = await mkdtemp(join(tmpdir(), 'itirp-place-'));
  database = await openDatabase({ dataDir, exclusive: false });
  await migrate(database.url);
  house = await TradingHouse.open(database.url);
  await house.place(20);
  await house.pool.query(`
    insert into revoked_tokens (token_id, username, why, expires_at)
    select encode(sha256(n::text::bytea), 'hex') || encode(sha256((-n)::text::bytea), 'hex'), 'alice', 'logout', now()
    from generate_series(1, 200000) n`); // long enough to be killed in the middle
}, 120_000);
afterAll(async () => {
  await house.close();
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
  await rm(place, { recursive: true, force: true });
});

const backup = ['backup', '--data-dir', '', '--to', ''];
const words = (): string[] => backup.map((word, i) => (i === 2 ? dataDir : i === 4 ? place : word));

/** Kills it while its file is being written. */
async function killedInTheMiddle(dice: Dice): Promise<void> {
  const child = spawn(process.execPath, [LAUNCHER, ...words()], { stdio: 'ignore', detached: true });
  const gone = once(child, 'close');
  while (!(await readdir(place)).some((name) => name.includes(`.part`) && !seen.has(name))) await sleep(2);
  await sleep(dice.whole(0, 100));
  for (const name of await readdir(place)) if (name.includes('.part')) seen.add(name);
  process.kill(-(child.pid ?? 0), 'SIGKILL'); // the launcher and what it launched
  await gone;
}
const seen = new Set<string>();

test('killed five times in the middle, it leaves only whole backups, and the next one sweeps up', async () => {
  const dice = new Dice();
  console.log(`killed backups: seed ${dice.seed} (ITIRP_SEED=${dice.seed} throws these dice again)`);
  const vault = new FolderVault(place);
  expect((await itirp(words())).code).toBe(0);
  for (let kill = 0; kill < KILLS; kill += 1) {
    await killedInTheMiddle(dice);
    for (const { name } of await listBackups(vault)) {
      await expect(inspect(vault.read(name), { secret: undefined })).resolves.toBeDefined();
    }
  }
  const before = (await listBackups(vault)).length;
  expect(seen.size).toBeGreaterThan(0);
  expect((await itirp(words())).code).toBe(0);
  expect((await listBackups(vault)).length).toBe(before + 1);
  expect((await readdir(place)).filter((name) => name.includes('.part'))).toEqual([]);
});
