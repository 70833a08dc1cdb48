/**
 * Orders over HTTP, authenticated, validated and durable, against two baselines on the same machine: a bare route of
 * the same framework with the same schema and token check, and a naive server that is durable, too.
 *
 * Expected: on two cores the bare route takes about 15 µs of its thread for a request, and the load generator 10 µs
 * of the other core. The platform adds, on the server's thread, deciding twice (order and fill), encoding and the
 * venue, about 10 µs together; PostgreSQL and the projector want part of the second core. So 55-70 % of the bare
 * route. The naive server makes 7 round trips and a flush an order: 1,000-2,000 orders/s, a tenth.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Child } from '../run/child.ts';
import { withDatabase } from '../run/database.ts';
import { type Figure, figureOf, medianOf, quantileOf, ratiosOf } from '../run/figure.ts';
import type { Scale, Suite } from '../run/suite.ts';
import type { Latencies, Load, OpenLoop, Target } from './load-process.ts';
import { liftLimits, settle, signIn } from './platform.ts';

const BARE_RATIO_MIN = 50;
const NAIVE_RATIO_MIN = 5;
const CONNECTIONS = 256;
/** The open loop's rate: a quarter of what a small machine takes, so that latency is not a queue's. */
const STEADY_ORDERS_A_SECOND = 3_000;

const KINDS = ['bare', 'platform', 'naive'] as const;
type Kind = (typeof KINDS)[number];
type Urls = Readonly<Record<Kind, string>>;

const familyOf = (kind: Kind): string => kind.slice(0, 1);

interface Measured {
  readonly rounds: Readonly<Record<Kind, Load[]>>;
  readonly steady: Latencies;
}

export const http: Suite = {
  run: async (scale, tell) =>
    await withDatabase(async ({ database, folder }) => {
      const SECRET_KEY = randomBytes(32).toString('hex');
      const started = (name: string, environment: NodeJS.ProcessEnv): Child =>
        Child.start(new URL(`./${name}-process.ts`, import.meta.url), { SECRET_KEY, ...environment });
      const platform = started('platform', {
        ENVIRONMENT: 'demo',
        DATA_DIR: join(folder, 'platform'),
        PORT: '0',
        LOG_LEVEL: 'error',
        RATE_LIMIT_PER_MINUTE: '0',
        POSTGRES_URL: '',
      });
      const naive = started('naive', { POSTGRES_URL: database.url });
      const children = { bare: started('bare', {}), platform, naive };
      const load = started('load', {});
      try {
        const urls = await startAll(children);
        await liftLimits(urls.platform);
        const token = await signIn(urls.platform, 'trader1', 'trader123');
        for (const kind of KINDS) {
          const connections = scale.pick(CONNECTIONS, 16);
          await load.ask('open', {
            url: urls[kind],
            token,
            family: familyOf(kind),
            connections,
          } satisfies Target);
        }
        return figuresOf(await measure(load, urls, scale, tell), scale);
      } finally {
        await Promise.all([load, ...Object.values(children)].map((child) => child.stop()));
      }
    }),
};

async function startAll(children: Readonly<Record<Kind, Child>>): Promise<Urls> {
  const [bare, platform, naive] = await Promise.all(KINDS.map((kind) => children[kind].ask<string>('start')));
  if (bare === undefined || platform === undefined || naive === undefined)
    throw new Error('one did not start');
  return { bare, platform, naive };
}

async function measure(
  load: Child,
  urls: Urls,
  scale: Scale,
  tell: (progress: string) => void,
): Promise<Measured> {
  const turns = scale.pick(5, 1);
  const rounds: Record<Kind, Load[]> = { bare: [], platform: [], naive: [] };
  for (let turn = -1; turn < turns; turn++) {
    for (const kind of KINDS) {
      tell(`${turn < 0 ? 'warming up' : `turn ${turn + 1} of ${turns}`}: ${kind}`);
      const round = await load.ask<Load>('closedLoop', {
        family: familyOf(kind),
        seconds: scale.pick(4, 0.2),
      });
      if (round.refused > 0) throw new Error(`${kind} refused ${round.refused} orders`);
      if (turn >= 0) rounds[kind].push(round);
      if (kind === 'platform') await settle(urls.platform);
    }
  }
  tell('steady rate');
  const steady = await load.ask<Latencies>('openLoop', {
    family: familyOf('platform'),
    seconds: scale.pick(20, 0.2),
    ordersASecond: scale.pick(STEADY_ORDERS_A_SECOND, 200),
  } satisfies OpenLoop);
  if (steady.refused > 0) throw new Error(`the platform refused ${steady.refused} orders`);
  return { rounds, steady };
}

function figuresOf({ rounds, steady }: Measured, scale: Scale): Figure[] {
  const rate = (kind: Kind) => rounds[kind].map(({ answered, seconds }) => answered / seconds);
  const own = medianOf(rounds.platform.map(({ cpuMicrosAnOrder }) => cpuMicrosAnOrder));
  const rateNow = scale.pick(STEADY_ORDERS_A_SECOND, 200).toLocaleString('en-US');
  const latency = (quantile: number): Figure =>
    figureOf(
      `… latency p${100 * quantile} at ${rateNow} orders/s`,
      'ms',
      [quantileOf(steady.latencies, quantile)],
      {
        note: 'open loop, from the instant an order was due',
      },
    );
  return [
    figureOf(
      'durable orders, against the bare route',
      '%',
      ratiosOf(rate('platform'), rate('bare')).map((each) => 100 * each),
      { target: { atLeast: BARE_RATIO_MIN }, note: `${CONNECTIONS} connections, turn by turn` },
    ),
    figureOf('durable orders, against the naive server', '×', ratiosOf(rate('platform'), rate('naive')), {
      target: { atLeast: NAIVE_RATIO_MIN },
      note: 'turn by turn',
    }),
    figureOf('… platform', 'orders/s', rate('platform'), {
      note: `the load itself takes ${Math.round(own)} µs an order`,
    }),
    figureOf('… bare route', 'orders/s', rate('bare')),
    figureOf('… naive server', 'orders/s', rate('naive')),
    latency(0.5),
    latency(0.99),
    latency(0.999),
  ];
}
