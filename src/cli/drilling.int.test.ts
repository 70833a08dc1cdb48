/** What a drill must not call good, and what `verify` must not pass over: shards that nobody named. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { freshSchema } from '../../test/schema.ts';
import { itirp } from '../../test/server.ts';
import { takeBackup } from '../backup/backups.ts';
import { type DrillReport, metricsOf, rpoFacts, tableOf } from '../backup/drill-report.ts';
import { PostgresBackupSource } from '../backup/source-postgres.ts';
import { TradingHouse } from '../backup/trading-house.fixture.ts';
import { FolderVault } from '../backup/vault-folder.ts';
import { openPool } from '../database/pool.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { SystemClock } from '../sequencer/clock.ts';
import { by, OPENING, stage } from '../sequencer/stage.fixture.ts';
import { drill } from './drilling.ts';

let house: TradingHouse;
let url: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-drills-'));
  url = await freshSchema();
  house = await TradingHouse.open(url);
  await house.place(5);
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

const vault = () => new FolderVault(folder);

async function kept(source: PostgresBackupSource): Promise<string> {
  const taken = await takeBackup({ vault: vault(), source, deployment: 'test', secret: undefined });
  return taken.name;
}

const drilled = (name: string, isLiveThere = true): Promise<DrillReport> =>
  drill({
    backup: { vault: vault(), name },
    secret: undefined,
    scratchUrl: inject('postgresUrl'),
    live: isLiveThere ? { url, pool: () => house.pool } : undefined,
    checkpoints: undefined,
    publicKey: undefined,
    tell: () => {},
  });

test('a backup of no shard at all is not good', async () => {
  const pool = openPool(await freshSchema());
  const report = await drilled(await kept(new PostgresBackupSource(pool, '0.1.0')));
  expect(report).toMatchObject({ isGood: false, wrong: expect.stringContaining('holds no shard') });
  expect(metricsOf(report)).toContain('itirp_drill_success 0');
  expect(metricsOf(report)).not.toContain('rpo'); // nothing is known, which is not zero
  await pool.end();
});

test('a live shard that came after the backup is lost as a whole, and the report says so', async () => {
  const name = await kept(new PostgresBackupSource(house.pool, '0.1.0'));
  const journal = new PostgresJournal({ url, pool: () => house.pool }, 'later');
  const { sequencer } = stage({ shard: 'later', clock: new SystemClock() }, journal);
  await sequencer.start();
  for (const command of OPENING) await sequencer.submit(command, by);
  await sequencer.stop();
  const { position } = await journal.head();
  await journal.close();
  const report = await drilled(name);
  expect(report.shards.map(({ shard, lostFacts }) => [shard, lostFacts])).toEqual([
    ['east', 0],
    ['west', 0],
    ['later', position],
  ]);
  expect(rpoFacts(report)).toBe(position);
});

test('a shard that had no fact when the backup was taken has lost all of its time', async () => {
  const journal = new PostgresJournal({ url, pool: () => house.pool }, 'young');
  await journal.claim();
  const name = await kept(new PostgresBackupSource(house.pool, '0.1.0'));
  const { sequencer } = stage({ shard: 'young', clock: new SystemClock() }, journal);
  await sequencer.start();
  for (const command of OPENING) await sequencer.submit(command, by);
  await sequencer.stop();
  const { position } = await journal.head();
  await journal.close();
  const youngIn = ({ shards }: DrillReport) => shards.find(({ shard }) => shard === 'young');
  const young = youngIn(await drilled(name));
  expect(young).toMatchObject({ position: 0, livePosition: position, lostFacts: position });
  expect(young?.lostSeconds).toBeGreaterThan(0);
  const blind = await drilled(name, false); // nothing to reckon from, and nobody to ask
  expect(youngIn(blind)).toMatchObject({ lostFacts: null, lostSeconds: null });
  expect(tableOf(blind)).toMatch(/^RPO +unknown +facts unknown$/m);
});

test('where nobody can ask the live journal the facts that are lost are unknown, which is not none', async () => {
  const report = await drilled(await kept(new PostgresBackupSource(house.pool, '0.1.0')), false);
  expect(report.isGood).toBe(true);
  expect(rpoFacts(report)).toBeUndefined();
  expect(metricsOf(report)).toContain('itirp_drill_rpo_seconds');
  expect(metricsOf(report)).not.toContain('itirp_drill_rpo_facts');
  expect(tableOf(report)).toMatch(/^RPO .* facts unknown$/m);
});

test('verify proves every shard of the database, whatever the settings say', async () => {
  const { code, output } = await itirp(['verify', '--json'], { POSTGRES_URL: url, SHARD: 'west' });
  expect(code).toBe(0);
  expect(Object.keys(JSON.parse(output.slice(output.indexOf('{'))).shards)).toEqual(
    expect.arrayContaining(['east', 'west']),
  );
});
