/** Backups as an operator meets them: taken of a platform that trades, drilled, proven, restored, started again. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { Dice } from '../../test/dice.ts';
import { type Environment, Folder, itirp, Server } from '../../test/server.ts';
import { Traffic } from '../../test/traffic.ts';
import { Checkpointer } from '../backup/checkpointer.ts';
import { openDatabase } from '../database/database.ts';
import { PostgresJournal } from '../journal/postgres.ts';
import { PostgresSnapshots } from '../journal/snapshots-postgres.ts';

let folder: Folder;
let place: string;
let server: Server;
let traffic: Traffic;
let environment: Environment;

beforeAll(async () => {
  folder = await Folder.make();
  place = await mkdtemp(join(tmpdir(), 'itirp-place-'));
  await writeFile(join(place, 'key'), 'correct horse battery staple');
  environment = {
    DATA_DIR: folder.path,
    BACKUP_TO: join(place, 'kept'),
    BACKUP_KEY_FILE: join(place, 'key'),
  };
  server = await Server.start(['--demo'], environment);
  const dice = new Dice();
  traffic = new Traffic({
    clients: [await Client.login(server.url, 'trader1')],
    traders: 4,
    dice,
    wordsOf: (throws) => ({
      symbol: 'AAPL',
      side: throws.one(['BUY', 'SELL'] as const),
      quantity: 1,
      price: '100',
    }),
    pauseMs: 5,
  });
  traffic.start();
  await traffic.progress(50);
}, 120_000);
afterAll(async () => {
  await server.end('SIGTERM');
  await folder.remove();
  await rm(place, { recursive: true, force: true });
});

/** What the platform tells of itself, soon. */
const shows = async (line: RegExp): Promise<void> => {
  const scrape = async (): Promise<string> => await (await fetch(`${server.url}/metrics`)).text();
  await expect.poll(scrape, { timeout: 30_000, interval: 200 }).toMatch(line);
};

const run = async (...words: string[]) => {
  const { code, output } = await itirp(words, environment);
  return {
    code,
    output,
    json: words.includes('--json') && code === 0 ? JSON.parse(output.slice(output.indexOf('{'))) : undefined,
  };
};

test('the whole way: backup under load, verify, drill, restore, start', { timeout: 240_000 }, async () => {
  const kept = await run('backup', '--json');
  expect(kept.output).not.toContain('correct horse');
  expect([kept.code, kept.json?.removed]).toEqual([0, []]);
  const [head] = kept.json.manifest.heads as { position: number; hash: string }[];
  expect(head?.position).toBeGreaterThan(50);
  const file = join(place, 'kept', kept.json.name);
  await traffic.progress(20);

  const verified = await run('verify', '--backup', file, '--json');
  expect(verified.json).toMatchObject({ sound: true, shards: [{ shard: 'main', head_hash: head?.hash }] });

  const metrics = join(place, 'drill.prom');
  const drilled = await run('drill', '--json', '--metrics', metrics);
  expect(drilled.json).toMatchObject({ good: true, backup: kept.json.name });
  expect(drilled.json.rpo.facts).toBeGreaterThan(0); // orders went on
  expect(drilled.json.rto.seconds).toBeGreaterThan(0);
  expect(drilled.json.shards[0].stateHash).toBe(verified.json.shards[0].state_hash);
  expect(await readFile(metrics, 'utf8')).toMatch(/^itirp_drill_success 1$/m);
  await shows(/^maintenance_last_outcome\{kind="backup"\} 1$/m);
  await shows(/^maintenance_last_outcome\{kind="drill"\} 1$/m);
  await shows(new RegExp(`^drill_rpo_seconds ${drilled.json.rpo.seconds}$`, 'm'));
  await shows(new RegExp(`^drill_rto_seconds ${drilled.json.rto.seconds}$`, 'm'));

  await traffic.finish();
  const elsewhere = join(place, 'restored');
  const restored = await run('restore', '--data-dir', elsewhere, '--json');
  expect(restored.json).toMatchObject({ name: kept.json.name, shards: verified.json.shards.map(trimmed) });
  const again = await run('restore', '--data-dir', elsewhere);
  expect([again.code, again.output]).toEqual([1, expect.stringContaining('an empty database only')]);

  const other = await Server.start(['--demo'], { DATA_DIR: elsewhere });
  const trader = await Client.login(other.url, 'trader1'); // users came along
  const order = await trader.place({ symbol: 'AAPL', side: 'BUY', quantity: 1, price: '100' });
  expect(order.status).toBe(200);
  await other.end('SIGTERM');
  const ended = await itirp(['rebuild', '--data-dir', elsewhere]);
  expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('equal')]);
});

const trimmed = ({ shard, position, head_hash, state_hash }: Record<string, unknown>) => ({
  shard,
  position,
  head_hash,
  state_hash,
});

test('what is wrong with a backup is one clear line and an exit code', { timeout: 240_000 }, async () => {
  const kept = join(place, 'kept');
  const [name = ''] = await readdir(kept);
  const file = await readFile(join(kept, name));
  file.writeUInt8((file.at(-50) ?? 0) ^ 1, file.length - 50);
  const damaged = join(place, 'damaged');
  await mkdir(damaged);
  await writeFile(join(damaged, name), file);
  const verdict = await run('verify', '--backup', join(damaged, name));
  expect([verdict.code, verdict.output]).toEqual([
    1,
    expect.stringMatching(/^BROKEN: .*chunk 0 was changed/),
  ]);
  const drilled = await run('drill', '--from', damaged);
  expect([drilled.code, drilled.output]).toEqual([1, expect.stringContaining('FAILED: chunk 0 was changed')]);
  await shows(/^maintenance_last_outcome\{kind="drill"\} 0$/m);
  await shows(/^maintenance_last_success_timestamp_seconds\{kind="drill"\} /m); // the one before was good

  const nothing = await itirp(['drill', '--from', place], environment);
  expect([nothing.code, nothing.output]).toEqual([1, expect.stringContaining('[BACKUP_UNAVAILABLE]')]);
  await writeFile(join(place, 'other key'), 'another passphrase, as long');
  const locked = await itirp([
    'verify',
    '--backup',
    join(kept, name),
    '--key-file',
    join(place, 'other key'),
  ]);
  expect([locked.code, locked.output]).toEqual([1, expect.stringContaining('with another key')]);
  await writeFile(join(place, 'cut key'), `${'0f'.repeat(16)}\n`);
  const weak = await run('backup', '--key-file', join(place, 'cut key'));
  expect([weak.code, weak.output]).toEqual([
    1,
    expect.stringMatching(/^on .*\nitirp: .*less than 32 bytes.*\n$/),
  ]);
  const nowhere = await itirp(['backup', '--data-dir', folder.path]);
  expect([nowhere.code, nowhere.output]).toEqual([1, expect.stringContaining('say where with --to')]);
  const bucket = await itirp(['backup', '--data-dir', folder.path, '--to', 's3://bucket/x']);
  expect([bucket.code, bucket.output]).toEqual([1, expect.stringContaining('S3_ACCESS_KEY_ID')]);
});

test('rebuild --from-events makes all anew, beside the running platform', { timeout: 240_000 }, async () => {
  const { code, output } = await run('rebuild', '--from-events');
  expect([code, output]).toEqual([0, expect.stringContaining('equal')]);
  const verified = await run('verify', '--json');
  expect(verified.json).toMatchObject({ sound: true, snapshots: 1 });
});

test('the journal bears out what was signed, and a drill needs no live database', {
  timeout: 240_000,
}, async () => {
  const checkpoints = join(place, 'checkpoints');
  const database = await openDatabase({ dataDir: folder.path, exclusive: false });
  const pool = database.pool();
  const checkpointer = new Checkpointer({
    shard: 'main',
    journal: new PostgresJournal({ url: database.url, pool: () => pool }, 'main'),
    snapshots: new PostgresSnapshots(pool, 'main'),
    folder: checkpoints,
    keyFile: undefined,
    everyMs: 3_600_000,
    onWarning: (says, cause) => expect.fail(`${says}: ${String(cause)}`),
  });
  await checkpointer.start();
  await checkpointer.stop();
  const held = await run('verify', '--checkpoints', checkpoints, '--json');
  expect(held.json).toMatchObject({ sound: true, shards: [{ shard: 'main', proven: 1, beyond: 0 }] });
  const words = ['drill', '--json', '--no-live', '--scratch', database.url, '--checkpoints', checkpoints];
  const drilled = await run(...words);
  expect(drilled.json).toMatchObject({ good: true, shards: [{ livePosition: null, lostFacts: null }] });
  const { rows } = await pool.query("select from pg_namespace where nspname = 'itirp_drill'");
  expect(rows).toEqual([]); // it is gone
  await database.close();
});
