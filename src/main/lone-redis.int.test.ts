/** A process that does everything alone uses the Redis that it is given, and says so when it is none. */
import { expect, onTestFinished, test } from 'vitest';
import { Client } from '../../test/client.ts';
import { standingMarket } from '../../test/market.ts';
import { RedisServer } from '../../test/redis.ts';
import { freshDatabase } from '../../test/schema.ts';
import { Folder } from '../../test/server.ts';
import { silentLog } from '../telemetry/log.ts';
import { loadConfig } from './load-config.ts';
import { Platform } from './platform.ts';

const PATIENCE = { timeout: 240_000 }; // a bound on what hangs, not on what a busy machine takes
const POLLING = { timeout: 60_000, interval: 500 };

test('a session outlives a restart, and a Redis that refuses us stops the start', PATIENCE, async () => {
  const redis = await RedisServer.start(['requirepass right'], 'right');
  onTestFinished(() => redis.remove());
  const urlWith = (password: string): string => redis.url.replace('//', `//:${password}@`);
  const folder = await Folder.make();
  onTestFinished(() => folder.remove());
  const environment = {
    ENVIRONMENT: 'demo',
    PORT: '0',
    RATE_LIMIT_PER_MINUTE: '0',
    DATA_DIR: folder.path,
    POSTGRES_URL: await freshDatabase(),
    REDIS_URL: urlWith('right'),
    ...(await standingMarket(folder.path, [{ ticker: 'AAPL', bid: '149.98', ask: '150.00', size: 1 }])),
  };
  const fatal: unknown[] = [];
  const start = (changes: Record<string, string> = {}): Promise<Platform> =>
    Platform.start({
      config: loadConfig({ ...environment, ...changes }),
      log: silentLog(),
      onFatal: (error) => fatal.push(error),
    });

  await expect(start({ REDIS_URL: urlWith('wrong') })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });

  const first = await start();
  const trader = await Client.login(first.url, 'trader1');
  // A busy machine's Redis takes longer than anybody waits for it: then there is no refresh token, or a 503.
  let refresh_token: unknown;
  const logIn = async (): Promise<unknown> => {
    const credentials = { username: 'trader1', password: 'trader123' };
    ({ refresh_token } = (await trader.ask('POST', '/api/v1/auth/login', credentials)).body);
    return refresh_token;
  };
  await expect.poll(logIn, POLLING).toBeTypeOf('string');
  await first.stop();

  const second = await start();
  trader.url = second.url;
  const refresh = async (): Promise<number> =>
    (await trader.ask('POST', '/api/v1/auth/refresh', { refresh_token })).status;
  await expect.poll(refresh, POLLING).toBe(200);
  const scrape = async (): Promise<string> => await (await fetch(`${second.url}/metrics`)).text();
  await expect.poll(scrape, POLLING).toMatch(/^redis_connected 1$/m);
  await second.stop();
  expect(fatal).toEqual([]);
});
