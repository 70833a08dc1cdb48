/** Signed checkpoints of the real server: written while it runs, and held against the journal at the next start. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { freshDatabase } from '../../test/schema.ts';
import { Folder, itirp, Server } from '../../test/server.ts';

let folder: Folder;
const servers: Server[] = [];
beforeEach(async () => {
  folder = await Folder.make();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.end('SIGKILL');
  await folder.remove();
});

test('a tail that was cut off with its head is found by the next start and by verify', async () => {
  const checkpoints = join(folder.path, 'checkpoints');
  const settings = {
    POSTGRES_URL: await freshDatabase(),
    CHECKPOINT_DIR: checkpoints,
    DATA_DIR: folder.path,
  };
  const server = await Server.start(['--demo'], settings);
  servers.push(server);
  const trader = await Client.login(server.url, 'trader1');
  expect((await trader.place()).body.status).toBe('APPROVED');
  expect(await server.end('SIGTERM')).toBe(0);
  const names = (await readdir(checkpoints)).filter((name) => name.endsWith('.checkpoints'));
  expect(names).toHaveLength(1);
  expect((await readFile(join(checkpoints, names[0] ?? ''), 'utf8')).split('\n').length).toBeGreaterThan(1);
  const sound = await itirp(['verify', '--checkpoints', checkpoints], settings);
  expect(sound).toMatchObject({ code: 0 });

  const admin = new pg.Client({ connectionString: settings.POSTGRES_URL });
  await admin.connect();
  await admin.query(`alter table journal disable trigger all;
    delete from snapshots;
    delete from journal where first_position = (select max(first_position) from journal);
    update shards set (head_position, head_hash) =
      (select last_position, hash from journal order by first_position desc limit 1)`);
  await admin.end();
  const cut = await itirp(['verify', '--checkpoints', checkpoints], settings);
  expect(cut.code).toBe(1);
  const refused = await itirp(['serve', '--demo', '--port', '0'], settings);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('JOURNAL_BEHIND');
});
