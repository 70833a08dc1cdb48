/** What is reckoned is what a running node opens: pool by pool, and for what has a connection of its own. */
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { sharedKafka } from '../../test/kafka-brokers.ts';
import { standingMarket } from '../../test/market.ts';
import { RedisServer } from '../../test/redis.ts';
import { freshDatabase } from '../../test/schema.ts';
import { Folder } from '../../test/server.ts';
import { silentLog } from '../telemetry/log.ts';
import { connectionsByName } from './connections.ts';
import { loadConfig } from './load-config.ts';
import { Platform } from './platform.ts';

const PATIENCE = { timeout: 240_000 };
/** What is outside of the pools of the main thread: single connections, and those of threads. */
const OTHERS = ['pid', 'journal_writer', 'snapshot', 'projector', 'publisher', 'leadership'];

async function start(changes: Record<string, string>) {
  const folder = await Folder.make();
  onTestFinished(() => folder.remove());
  const url = await freshDatabase();
  const config = loadConfig({
    ENVIRONMENT: 'demo',
    PORT: '0',
    DATA_DIR: folder.path,
    POSTGRES_URL: url,
    POSTGRES_POOL_MAX: '5',
    SECRET_KEY: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ...(await standingMarket(folder.path, [{ ticker: 'AAPL', bid: '149.98', ask: '150.00', size: 1 }])),
    ...changes,
  });
  const fatal: unknown[] = [];
  const platform = await Platform.start({ config, log: silentLog(), onFatal: (error) => fatal.push(error) });
  onTestFinished(async () => {
    await platform.stop();
    expect(fatal).toEqual([]);
  });
  const reckoned = new Map(
    Object.entries(connectionsByName(config)).map(([name, count]) => [name.replaceAll(' ', '_'), count]),
  );
  return { url, platform, reckoned };
}

/** The most that each pool of a node may open, as it says itself. */
async function poolsOf({ url }: Platform): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^postgres_pool_connections_max\{pool="(\w+)"\} (\d+)$/gm);
  return new Map(Array.from(lines, ([, name = '', count]) => [name, Number(count)]));
}

async function openAt(url: string): Promise<readonly { name: string; open: number }[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const ask = `
      select replace(regexp_replace(regexp_replace(application_name, '^itirp ', ''), '^pid \\d+$', 'pid'), ' ', '_') as name,
        count(*)::integer as open
      from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() group by 1`;
    return (await client.query<{ name: string; open: number }>(ask)).rows;
  } finally {
    await client.end();
  }
}

async function hold({ url, platform, reckoned }: Awaited<ReturnType<typeof start>>): Promise<void> {
  const pooled = new Map([...reckoned].filter(([name]) => !OTHERS.includes(name)));
  expect(Object.fromEntries(await poolsOf(platform))).toEqual(Object.fromEntries(pooled));
  const open = await openAt(url);
  expect(open.filter(({ name, open: count }) => count > (reckoned.get(name) ?? 0))).toEqual([]);
  expect(open.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['pid', 'journal_writer', 'projector']),
  );
}

test('a process that is alone', PATIENCE, async () => hold(await start({})));

test('a node of many that has every role, on two shards', PATIENCE, async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.remove());
  const node = await start({
    KAFKA_BROKERS: (await sharedKafka()).join(','),
    KAFKA_PREFIX: 'connections.',
    KAFKA_REPLICATION: '1',
    REDIS_URL: redis.url,
    SHARDS: 'one,two',
  });
  const names = async () => (await openAt(node.url)).map(({ name }) => name);
  const led = expect.arrayContaining(['publisher', 'journal_writer', 'leadership']);
  await expect.poll(names, { timeout: 60_000 }).toEqual(led);
  await hold(node);
});
