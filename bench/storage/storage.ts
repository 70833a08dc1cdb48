/**
 * What an order takes on disk: in the journal, in the views, in the write-ahead log and in a backup. The platform as
 * `serve` starts it is sent orders over HTTP, each is filled, and the tables are measured once the views have caught up.
 *
 * Expected: an order is three facts, some 270 bytes of body in a full row; in a row of its own the chain, the marks of
 * the sources and the row's keys come on top, another 300 for each of its two commits. Its five events with four
 * indexes are some 3 kB, its row in `orders` and its execution about 1 kB. The log holds all of that once, and whole
 * pages after each checkpoint. A backup holds the journal alone, compressed: some 45 bytes.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Pool } from 'pg';
import type { ClosedLoop, Load, OpenLoop, Target } from '../http/load-process.ts';
import { liftLimits, settle, signIn } from '../http/platform.ts';
import { Child } from '../run/child.ts';
import { withDatabase } from '../run/database.ts';
import { type Figure, figureOf } from '../run/figure.ts';
import type { Scale, Suite } from '../run/suite.ts';
import { type BytesOnDisk, bytesOnDisk, growthAnOrder } from './bytes-on-disk.ts';

const LAUNCHER = new URL('../../bin/itirp.js', import.meta.url).pathname;
/** What `deploy/prices.example.json` and the cost model reckon with must not grow behind their backs. */
const JOURNAL_BYTES_MAX = 1_500;

interface Pace {
  readonly name: string;
  readonly family: string;
  readonly connections: number;
  /** Undefined: as fast as they are answered. */
  readonly ordersASecond: number | undefined;
  readonly seconds: number;
}

/** A lone order pays for a row of its own; in a burst hundreds share one. */
const pacesOf = (scale: Scale): readonly Pace[] => [
  {
    name: 'quiet',
    family: 'q',
    connections: 16,
    ordersASecond: scale.pick(200, 100),
    seconds: scale.pick(30, 0.5),
  },
  {
    name: 'busy',
    family: 'b',
    connections: scale.pick(256, 16),
    ordersASecond: undefined,
    seconds: scale.pick(8, 0.5),
  },
];

interface Grown {
  readonly pace: Pace;
  readonly orders: number;
  readonly bytes: BytesOnDisk;
}

export const storage: Suite = {
  run: async (scale, tell) =>
    await withDatabase(async ({ database, folder }) => {
      const pool = database.pool({ statementTimeoutMs: 0, connectionsMax: 1 });
      const settings = { POSTGRES_URL: database.url, SECRET_KEY: randomBytes(32).toString('hex') };
      const platform = Child.start(new URL('../http/platform-process.ts', import.meta.url), {
        ...settings,
        ENVIRONMENT: 'demo',
        PORT: '0',
        LOG_LEVEL: 'error',
        RATE_LIMIT_PER_MINUTE: '0',
      });
      const load = Child.start(new URL('../http/load-process.ts', import.meta.url));
      const grown: Grown[] = [];
      try {
        const url = await platform.ask<string>('start');
        await liftLimits(url);
        for (const pace of pacesOf(scale)) {
          tell(`${pace.name}: orders are placed, and the views catch up`);
          grown.push(await grow(pace, url, load, pool));
        }
      } finally {
        await Promise.all([load.stop(), platform.stop()]);
      }
      tell('a backup is taken');
      const backup = await backupBytes(join(folder, 'backups'), settings);
      return [...grown.flatMap(figuresOf), backupFigure(backup, grown)];
    }),
};

async function grow(pace: Pace, url: string, load: Child, pool: Pool): Promise<Grown> {
  const { family, connections, ordersASecond, seconds } = pace;
  const token = await signIn(url, 'trader1', 'trader123');
  await load.ask('open', { url, token, family, connections } satisfies Target);
  await settle(url);
  await pool.query('checkpoint'); // each pace begins as far from one as the other
  const before = await bytesOnDisk(pool);
  const sent =
    ordersASecond === undefined
      ? await load.ask<Load>('closedLoop', { family, seconds } satisfies ClosedLoop)
      : await load.ask<Load>('openLoop', { family, seconds, ordersASecond } satisfies OpenLoop);
  if (sent.refused > 0) throw new Error(`${sent.refused} orders were refused`);
  await settle(url);
  const after = await bytesOnDisk(pool);
  return { pace, orders: sent.answered, bytes: growthAnOrder(before, after, sent.answered) };
}

/** The newest backup of what there is, without a key: sealed or not, it is as long. */
async function backupBytes(to: string, settings: NodeJS.ProcessEnv): Promise<number> {
  const env = { ...process.env, ...settings, BACKUP_TO: to };
  const { stdout } = await promisify(execFile)(process.execPath, [LAUNCHER, 'backup'], { env });
  return (await stat(join(to, /\S+\.itirp-backup/.exec(stdout)?.[0] ?? ''))).size;
}

function figuresOf({ pace, orders, bytes }: Grown): readonly Figure[] {
  const rate = Math.round(orders / pace.seconds).toLocaleString('en-US');
  const told = { note: `${orders.toLocaleString('en-US')} orders, ${rate}/s` };
  return [
    figureOf(`${pace.name}: journal`, 'B/order', [bytes.journal], {
      target: { atMost: JOURNAL_BYTES_MAX },
      ...told,
    }),
    figureOf('… events and executions in SQL', 'B/order', [bytes.passing]),
    figureOf('… orders and positions in SQL', 'B/order', [bytes.orders]),
    figureOf('… write-ahead log of all that', 'B/order', [bytes.log]),
  ];
}

function backupFigure(bytes: number, grown: readonly Grown[]): Figure {
  const orders = grown.reduce((sum, each) => sum + each.orders, 0);
  return figureOf('a backup', 'B/order', [bytes / orders], {
    note: `${(bytes / 1e6).toFixed(1)} MB, snapshot included`,
  });
}
