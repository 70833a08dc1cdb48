/**
 * A trader for the tests of the image. `send URL FILE SECONDS`: orders without a pause, each one that is acknowledged noted
 * in FILE; ends early when the server is gone. `check URL FILE`: every order noted there is known to the server.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../../../test/client.ts';

const AT_ONCE = 8;
/** A server that was killed may take a while to be missed: so many requests in a row without an answer. */
const UNHEARD_MAX = 3;
/** Views may lag behind the journal for a moment. */
const VIEW_PATIENCE_MS = 20_000;

async function send(url: string, file: string, seconds: number): Promise<void> {
  const trader = await Client.login(url, 'trader1');
  const run = process.pid;
  const deadline = performance.now() + 1_000 * seconds;
  let acknowledged = 0;
  let sent = 0;
  const one = async (): Promise<boolean> => {
    sent += 1;
    const order = { symbol: 'AAPL', side: 'BUY', quantity: 1, price: sent % 5 === 0 ? 1_000 : 10 } as const;
    const body = { ...order, client_order_id: `image-${run}-${sent}` };
    const answer = await trader.ask('POST', '/api/v1/orders', body).catch(() => undefined);
    if (answer?.status !== 200) return false;
    appendFileSync(file, `${answer.body.order_id}\n`);
    acknowledged += 1;
    return true;
  };
  const sendOn = async (): Promise<void> => {
    let unheard = 0;
    while (performance.now() < deadline && unheard < UNHEARD_MAX) unheard = (await one()) ? 0 : unheard + 1;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendOn));
  console.log(`${acknowledged} of ${sent} orders acknowledged`);
  if (acknowledged === 0) process.exitCode = 1;
}

async function check(url: string, file: string): Promise<void> {
  const ids = readFileSync(file, 'utf8').trim().split('\n');
  const trader = await Client.login(url, 'trader1');
  const lost: string[] = [];
  for (const id of ids) if (!(await isKnown(trader, id))) lost.push(id);
  console.log(lost.length === 0 ? `${ids.length} orders are all there` : `lost: ${lost.join(', ')}`);
  if (lost.length > 0 || ids.length === 0) process.exitCode = 1;
}

async function isKnown(trader: Client, id: string): Promise<boolean> {
  const deadline = performance.now() + VIEW_PATIENCE_MS;
  for (;;) {
    const { status } = await trader.ask('GET', `/api/v1/orders/${id}`);
    if (status === 200) return true;
    if (performance.now() > deadline) return false;
    await sleep(200);
  }
}

const [what, url = '', file = '', seconds = '5'] = process.argv.slice(2);
if (what === 'send') await send(url, file, Number(seconds));
else if (what === 'check') await check(url, file);
else throw new Error(`send or check, not ${what}`);
