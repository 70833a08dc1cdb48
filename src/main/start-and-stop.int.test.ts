/** How the real server starts, stops, starts again and refuses to: what an operator lives with. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { standingMarket } from '../../test/market.ts';
import { Folder, itirp, Server } from '../../test/server.ts';
import { openDatabase } from '../database/database.ts';
import { findPostmaster } from '../database/postmaster.ts';

let folder: Folder;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await Folder.make();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.end('SIGKILL');
  await folder.remove();
});

async function serve(args: readonly string[] = ['--demo'], environment = {}): Promise<Server> {
  const market = await standingMarket(folder.path, [
    { ticker: 'AAPL', bid: '149.98', ask: '150.00', size: 1_000_000 },
  ]);
  const server = await Server.start(args, { ...market, DATA_DIR: folder.path, ...environment });
  servers.push(server);
  return server;
}
const isDatabaseRunning = async () => (await findPostmaster(join(folder.path, 'postgres'))) !== undefined;

test('everything is as it was after a graceful stop and a start, and a snapshot was left', async () => {
  const first = await serve();
  const trader = await Client.login(first.url, 'trader1');
  const risk = await Client.login(first.url, 'risk1');
  const admin = await Client.login(first.url, 'admin');
  const bought = await trader.place({ client_order_id: 'kept' });
  const resting = await trader.place({ price: '100.00' });
  const { order_id: restingId } = resting.body;
  const isDone = async () => (await trader.get(`/api/v1/orders/${bought.body.order_id}`)).status;
  await expect.poll(isDone).toBe('EXECUTED');
  const isResting = async () => (await trader.get(`/api/v1/orders/${restingId}`)).status;
  await expect.poll(isResting).toBe('EXECUTING');
  await risk.ask('PUT', '/api/v1/risk/limits', { max_position_size: 777_777 });
  const look = async (client: Client) => [
    await client.get('/api/v1/risk/metrics'),
    await client.get('/api/v1/risk/limits'),
    await client.get('/api/v1/risk/positions'),
    await client.get(`/api/v1/audit/order/${bought.body.order_id}/trail`),
    await client.orders(),
  ];
  const before = await look(admin);
  expect(await first.end('SIGTERM')).toBe(0);
  expect(await isDatabaseRunning()).toBe(false);
  const { snapshot, head } = await journalOf(folder.path);
  expect(snapshot).toBe(head);

  const second = await serve();
  expect(second.log).toContain(`"position":${head},"msg":"recovered from the journal"`);
  trader.url = second.url; // a token outlives the restart
  admin.url = second.url;
  risk.url = second.url;
  expect(await look(admin)).toEqual(before);
  expect((await trader.place({ client_order_id: 'kept' })).body.code).toBe('CLIENT_ORDER_ID_DUPLICATE');
  expect((await trader.cancel(restingId)).status).toBe(200);
  await expect.poll(async () => (await trader.get(`/api/v1/orders/${restingId}`)).status).toBe('CANCELLED');
  await risk.ask('POST', '/api/v1/risk/kill-switch?enabled=true');
  expect(await second.end('SIGTERM')).toBe(0);

  const third = await serve();
  trader.url = third.url;
  risk.url = third.url;
  expect((await trader.place()).body.message).toBe('Kill switch is active - all trading halted');
  await risk.ask('POST', '/api/v1/risk/kill-switch?enabled=false');
  expect((await trader.place()).body.status).toBe('APPROVED');
  expect(await third.end('SIGTERM')).toBe(0);
});

/** Where the journal and its newest snapshot end. */
async function journalOf(dataDir: string): Promise<{ snapshot: number; head: number }> {
  const database = await openDatabase({ dataDir, exclusive: false });
  try {
    const { rows } = await database
      .pool()
      .query<{ snapshot: bigint; head: bigint }>(
        'select (select max(position) from snapshots) as snapshot, head_position as head from shards',
      );
    return { snapshot: Number(rows[0]?.snapshot), head: Number(rows[0]?.head) };
  } finally {
    await database.close();
  }
}

describe('signals', () => {
  test('a Ctrl-C is a clean stop, no PostgreSQL is left, and the log tells no password, token or key', async () => {
    const server = await serve(['--demo'], { LOG_LEVEL: 'trace' });
    const trader = await Client.login(server.url, 'trader1');
    await expect(Client.login(server.url, 'admin', 'not-the-password')).rejects.toThrow('may not log in');
    await fetch(`${server.url}/api/v1/orders`, { headers: { authorization: 'Bearer not-a-token' } });
    await trader.place({ client_order_id: 'seen' });
    await trader.ask('POST', '/api/v1/orders', { symbol: 'AAPL', password: 'in-the-wrong-place' });
    const key = (await readFile(join(folder.path, 'demo-secret'), 'utf8')).trim();
    const password = (await readFile(join(folder.path, 'postgres.password'), 'utf8')).trim();
    expect(await server.end('SIGINT')).toBe(130);
    expect(await isDatabaseRunning()).toBe(false);
    expect(server.log).not.toMatch(/"level":"(error|fatal)"/);
    const secrets = [key, password, trader.token, 'trader123', 'not-the-password', 'not-a-token'];
    for (const secret of [...secrets, 'in-the-wrong-place', 'argon2id']) {
      expect(server.log).not.toContain(secret);
    }
  });

  test('a Ctrl-C in the middle of the start leaves nothing behind either', async () => {
    const server = Server.launch(['--demo'], { DATA_DIR: folder.path });
    servers.push(server);
    await expect.poll(() => isDatabaseRunning(), { timeout: 20_000, interval: 10 }).toBe(true);
    expect(await server.end('SIGINT')).toBe(130);
    expect(await isDatabaseRunning()).toBe(false);
  });
});

test('callers who all come at once while it is busy are let in, and answered once it is not', async () => {
  const CALLERS = 1_000;
  const { pid, url } = await serve();
  if (pid === undefined) throw new Error('it did not start');
  const { hostname, port } = new URL(url);
  let connected = 0;
  let answered = 0;
  process.kill(pid, 'SIGSTOP');
  const sockets = Array.from({ length: CALLERS }, () => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => {
      connected += 1;
      socket.write('GET /livez HTTP/1.1\r\nhost: itirp\r\n\r\n');
    });
    socket.once('data', () => {
      answered += 1;
    });
    return socket.on('error', () => {});
  });
  try {
    // Nobody takes them in: all who are connected wait where the kernel keeps them. Who is not asks again, and waits long.
    await expect.poll(() => connected).toBe(CALLERS);
    process.kill(pid, 'SIGCONT');
    await expect.poll(() => answered).toBe(CALLERS);
  } finally {
    process.kill(pid, 'SIGCONT');
    for (const socket of sockets) socket.destroy();
  }
});

describe('it does not start, says why in one line, and leaves nothing running', () => {
  test('on a data directory or a port that another server uses, which goes on', async () => {
    const first = await serve();
    const second = await itirp(['serve', '--demo'], { PORT: '0', DATA_DIR: folder.path });
    expect(second.code).toBe(1);
    expect(second.output).toContain('another server uses this database');
    expect(second.output).toContain('[DATABASE_IN_USE]');
    expect(second.output).toContain(`itirp pid ${first.pid} at 127.0.0.1 has it`);
    const other = await Folder.make();
    const { port } = new URL(first.url);
    const third = await itirp(['serve', '--demo'], { PORT: port, DATA_DIR: other.path });
    expect(third.code).toBe(1);
    expect(third.output).toMatch(new RegExp(`another program listens.*:${port}.*\\[ADDRESS_IN_USE\\]`));
    expect(third.output).not.toContain('    at '); // no stack: nothing is wrong with the program
    expect(existsSync(join(other.path, 'postgres'))).toBe(false); // said before anything was made
    await other.remove();
    expect((await fetch(`${first.url}/api/v1/health`)).status).toBe(200);
  });

  test('without a secret outside demo mode, and every other setting that is wrong is named too', async () => {
    const ended = await itirp(['serve'], { PORT: '70000', LOG_LEVEL: 'loud', DATA_DIR: folder.path });
    expect(ended.code).toBe(1);
    expect(ended.output.trim().split('\n')).toHaveLength(1);
    for (const says of ['PORT is not', 'LOG_LEVEL is not', 'SECRET_KEY is missing']) {
      expect(ended.output).toContain(says);
    }
    expect(existsSync(join(folder.path, 'postgres'))).toBe(false);
  });

  test('on a quote file that is none', async () => {
    const ended = await itirp(['serve', '--demo', '--quotes', join(folder.path, 'none.csv')], {
      PORT: '0',
      DATA_DIR: folder.path,
    });
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('none.csv');
    expect(await isDatabaseRunning()).toBe(false);
  });

  test('on a PostgreSQL that does not answer', async () => {
    const url = 'postgres://nobody:hidden@127.0.0.1:1/nothing';
    const ended = await itirp(['serve'], { POSTGRES_URL: url, SECRET_KEY: SECRET, PORT: '0' });
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('[DATABASE_UNAVAILABLE]');
    expect(ended.output).not.toContain('hidden');
  });
});

const SECRET = '3f0c9a4be1d27785a6b4c2d9e8f7a1b05c6d7e8f';
const PASSWORD = 'correct horse battery staple';

describe('on an external PostgreSQL, outside demo mode', () => {
  let url: string;
  let name: string;

  beforeEach(async () => {
    name = `external_${process.pid}_${Date.now()}`;
    await run(inject('postgresUrl'), `create database ${name}`);
    const external = new URL(inject('postgresUrl'));
    external.pathname = `/${name}`;
    url = external.href;
  });
  afterEach(() => run(inject('postgresUrl'), `drop database ${name} with (force)`));

  test('it trades there, knows no demo users, keeps nothing on disk, and tells no secret', async () => {
    const settings = { POSTGRES_URL: url, SECRET_KEY: SECRET };
    const server = await serve([], { ...settings, LOG_LEVEL: 'trace' });
    expect(server.log).toContain('the venue is SIMULATED: no fill is real');
    expect(server.log).toContain('itirp user add NAME --role TRADER');
    const added = await itirp(['user', 'add', 'alice', '--role', 'TRADER'], settings, `${PASSWORD}\n`);
    expect(added.code, added.output).toBe(0);
    await expect(Client.login(server.url, 'trader1')).rejects.toThrow('may not log in');
    await expect(Client.login(server.url, 'alice', 'a wrong password')).rejects.toThrow('may not log in');
    const alice = await Client.login(server.url, 'alice', PASSWORD);
    const { body } = await alice.place();
    await expect
      .poll(async () => (await alice.get(`/api/v1/orders/${body.order_id}`)).status)
      .toBe('EXECUTED');
    const orders = await run<{ n: string }>(url, 'select count(*) as n from orders');
    expect(orders[0]?.n).toBe('1');
    const second = await itirp(['serve'], { ...settings, PORT: '0' });
    expect([second.code, second.output]).toEqual([1, expect.stringContaining('[DATABASE_IN_USE]')]);
    expect(existsSync(join(folder.path, 'postgres'))).toBe(false);
    expect(existsSync(join(folder.path, 'demo-secret'))).toBe(false);
    expect(await server.end('SIGTERM')).toBe(0);
    const { password } = new URL(url);
    for (const secret of [SECRET, PASSWORD, 'a wrong password', alice.token, password, 'argon2id']) {
      expect(server.log).not.toContain(secret);
      expect(added.output).not.toContain(secret);
    }
  });
});

async function run<Row>(url: string, statement: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Row[];
  } finally {
    await client.end();
  }
}
