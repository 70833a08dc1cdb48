/** The real server where something has come to its end: the room on the disk, the places in the queue. */
import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Answer, Client } from '../../test/client.ts';
import { Dice } from '../../test/dice.ts';
import { standingMarket } from '../../test/market.ts';
import { clientIdsAreUsedOnce, reckon, venueHasSpoken } from '../../test/reckoning.ts';
import { Folder, Server } from '../../test/server.ts';
import { Traffic } from '../../test/traffic.ts';
import { EmbeddedServer } from '../database/embedded.ts';

const run = promisify(execFile);
const QUOTES = [{ ticker: 'AAPL', bid: '99.99', ask: '100.01', size: 1_000_000 }];
let folder: Folder;
let server: Server | undefined;

beforeEach(async () => {
  folder = await Folder.make();
});
afterEach(async () => {
  await server?.end('SIGKILL');
  await folder.remove();
});

/** A file system just large enough for a server. False where this user, or this container, may not make one. */
async function mountSmall(path: string): Promise<boolean> {
  const mount = ['-t', 'tmpfs', '-o', 'size=192m,mode=0755', 'itirp', path];
  return await run('mount', mount).then(
    () => true,
    () => false,
  );
}

/** Takes all the room there is. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (;;) await file.write(Buffer.alloc(1_000_000));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    await file.close();
  }
}

test('on a full disk orders are refused cleanly, and taken again as soon as there is room', async ({
  skip,
}) => {
  skip(
    !(await mountSmall(folder.path)),
    'only root may mount a small file system, and not in every container',
  );
  try {
    const market = await Folder.make();
    const environment = { ...(await standingMarket(market.path, QUOTES)), DATA_DIR: folder.path };
    server = await Server.start(['--demo'], environment);
    const dice = new Dice();
    console.log(`full disk: seed ${dice.seed}`);
    const [trader, admin] = [
      await Client.login(server.url, 'trader1'),
      await Client.login(server.url, 'admin'),
    ];
    const wordsOf = () => ({ price: '100.01', quantity: 1, strategy: 'x'.repeat(50) });
    const traffic = new Traffic({ clients: [trader, admin], traders: 16, dice, wordsOf });
    traffic.start();
    await traffic.progress(50);

    const ballast = join(folder.path, 'ballast');
    await fill(ballast);
    await expect.poll(() => traffic.unavailable.length, { timeout: 90_000 }).toBeGreaterThan(16);
    await sleep(500);
    expect(server.hasEnded).toBe(false);
    await rm(ballast);
    await traffic.progress(50);
    await traffic.finish();

    expect(traffic.unavailable.every(({ retryAfter }) => retryAfter === '1')).toBe(true);
    await venueHasSpoken(admin);
    const databaseUrl = await (await EmbeddedServer.on(folder.path, () => {})).ensureRunning();
    await reckon({ traffic, admin, databaseUrl, environment });
    await clientIdsAreUsedOnce(traffic, databaseUrl);
    expect(await server.end('SIGTERM')).toBe(0);
    await market.remove();
  } finally {
    await server?.end('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await run('umount', ['-l', folder.path]);
  }
});

test('in a burst beyond the queue orders get 503 and when to come again, and cancels get through', async () => {
  const market = await standingMarket(folder.path, QUOTES);
  server = await Server.start(['--demo'], { ...market, DATA_DIR: folder.path, QUEUE_MAX: '4' });
  const [trader, admin] = [
    await Client.login(server.url, 'trader1'),
    await Client.login(server.url, 'admin'),
  ];
  const resting: Answer[] = [];
  for (let n = 0; n < 20; n++) resting.push(await trader.place({ quantity: 1, price: '90.00' }));

  let isOver = false;
  const answers: Answer[] = [];
  const burst = Array.from({ length: 200 }, async () => {
    while (!isOver) answers.push(await admin.place({ quantity: 1, price: '80.00' }));
  });
  const isFull = () => answers.some(({ status }) => status === 503);
  await expect.poll(isFull, { timeout: 20_000 }).toBe(true);
  for (const { body } of resting) expect((await trader.cancel(body.order_id)).status).toBe(200);
  isOver = true;
  await Promise.all(burst);

  const refused = answers.filter(({ status }) => status !== 200);
  for (const { status, body, headers } of refused) {
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'SEQUENCER_BUSY', '1']);
  }
  const taken = answers.filter(({ body }) => body.status === 'APPROVED').map(({ body }) => body.order_id);
  const listed = new Set((await admin.orders()).map(({ order_id }) => order_id));
  expect(listed.size).toBe(answers.length - refused.length + resting.length); // a refused order left no trace
  expect(taken.filter((orderId) => !listed.has(orderId))).toEqual([]);
  await expect
    .poll(async () => (await trader.orders()).filter(({ status }) => status !== 'CANCELLED'))
    .toEqual([]);
  expect(await server.end('SIGTERM')).toBe(0);
});
