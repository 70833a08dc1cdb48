/** What an auditor runs: the journal proves itself, the views are proved by it, and tampering with either is named. */
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { standingMarket } from '../../test/market.ts';
import { Folder, itirp, Server } from '../../test/server.ts';

let folder: Folder;
let server: Server;
let url: string;
let superuser: pg.Client;
/** Facts between two snapshots: one is made while the first orders come in. */
const OFTEN = { SNAPSHOT_EVERY: '10' };
const name = `proofs_${process.pid}`;

beforeAll(async () => {
  folder = await Folder.make();
  await once(inject('postgresUrl'), `create database ${name}`);
  const external = new URL(inject('postgresUrl'));
  external.pathname = `/${name}`;
  url = external.href;
  const market = await standingMarket(folder.path, [
    { ticker: 'AAPL', bid: '149.98', ask: '150.00', size: 1_000_000 },
  ]);
  server = await Server.start(['--demo'], { ...market, POSTGRES_URL: url, DATA_DIR: folder.path, ...OFTEN });
  const trader = await Client.login(server.url, 'trader1');
  for (let n = 0; n < 20; n++) {
    const { body } = await trader.place({
      client_order_id: `c${n}`,
      price: n % 3 === 0 ? '120.00' : '150.00',
    });
    if (n % 6 === 0) await trader.cancel(body.order_id);
  }
  superuser = new pg.Client({ connectionString: url });
  await superuser.connect();
});
afterAll(async () => {
  await superuser.end();
  await server.end('SIGTERM');
  await once(inject('postgresUrl'), `drop database ${name} with (force)`);
  await folder.remove();
});

async function once(target: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: target });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
const command = (...args: string[]) => itirp(args, { POSTGRES_URL: url, DATA_DIR: folder.path });

test('beside the running server the journal is sound and the views are equal', async () => {
  const verified = await command('verify');
  expect([verified.code, verified.output]).toEqual([0, expect.stringContaining('sound: ')]);
  const rebuilt = await command('rebuild');
  expect([rebuilt.code, rebuilt.output]).toEqual([0, expect.stringContaining('equal: ')]);
  expect(rebuilt.output).not.toContain('DIFFERS');
});

test('a view that was tampered with is found, named and put right, and the server goes on', async () => {
  await superuser.query(`update orders set executed_quantity = 1e6 where client_order_id = 'c1'`);
  await superuser.query(`delete from executions where ctid = (select min(ctid) from executions)`);
  await superuser.query(`update positions set quantity = quantity + 1`);
  await superuser.query(`update events set user_id = 'somebody' where event_type = 'ORDER_CANCELLED'`);
  const found = await command('rebuild');
  expect(found.code).toBe(1);
  for (const table of ['orders', 'executions', 'positions', 'events']) {
    expect(found.output).toMatch(new RegExp(`^ *${table} .*DIFFERS: `, 'm'));
  }
  expect(found.output).toContain('executed_quantity is 1000000.00000000, the journal says 100.00000000');
  const applied = await command('rebuild', '--apply');
  expect([applied.code, applied.output]).toEqual([0, expect.stringContaining('have been put right')]);
  expect((await command('rebuild')).output).toContain('equal: ');

  const trader = await Client.login(server.url, 'trader1');
  const { body } = await trader.place({ quantity: 7 });
  await expect
    .poll(async () => (await trader.get(`/api/v1/orders/${body.order_id}`)).status)
    .toBe('EXECUTED');
  expect((await command('rebuild')).code).toBe(0);
});

test('a snapshot that was tampered with is found and named, and is no proof against the journal', async () => {
  const kept = 'select position from snapshots order by position desc limit 1';
  const positionKept = async () => (await superuser.query<{ position: string }>(kept)).rows[0]?.position;
  await expect.poll(positionKept).toBeDefined();
  const position = Number(await positionKept());
  await superuser.query(`update snapshots set state_hash = sha256('x') where position = ${position}`);
  const found = await command('verify');
  expect(found.code).toBe(1);
  expect(found.output).toContain(`BROKEN snapshot at position ${position}: its body was changed`);
  expect(found.output).toMatch(/^the journal holds: .* facts/m);
  const told = await command('verify', '--json');
  expect(JSON.parse(told.output.trim().split('\n').at(-1) ?? '')).toMatchObject({
    sound: false,
    wrong_snapshots: [{ position, wrong: 'its body was changed' }],
  });
  await superuser.query(`delete from snapshots where position = ${position}`);
  expect((await command('verify')).code).toBe(0);
});

test('a journal that was tampered with is found, and the first bad position is named', async () => {
  const { rows } = await superuser.query<{ first_position: bigint }>(
    'select first_position from journal order by first_position offset 20 limit 1',
  );
  const position = Number(rows[0]?.first_position);
  await expect(superuser.query('update journal set epoch = 0')).rejects.toThrow('append-only');
  await superuser.query(`
    alter table journal disable trigger all;
    update journal set body = set_byte(body, 20, (get_byte(body, 20) + 1) % 256) where first_position = ${position};
    alter table journal enable trigger all`);
  const verified = await command('verify');
  expect(verified.code).toBe(1);
  expect(verified.output).toContain(`BROKEN at position ${position}: `);
  const told = await command('verify', '--json');
  expect(JSON.parse(told.output.trim().split('\n').at(-1) ?? '')).toMatchObject({ sound: false, position });
});
