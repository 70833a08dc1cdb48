/**
 * What it costs to be watched: durable orders over HTTP with nothing counted, with the metrics of every day, and with
 * a tenth of all orders traced to a collector on the same machine.
 *
 * Expected: an order takes about 90 µs of the server's thread. It is counted some twenty times, at 20 to 50 ns each:
 * 1 µs, 1 %. One that is traced has eight spans there; each takes about 2.5 µs until the thread that sends it has it, and
 * whether it is one takes 0.16 µs at each of four places. For a tenth of the orders that is 2.7 µs, 3 %; the sending thread
 * and the collector want a part of the other core beside.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Load, Target } from '../http/load-process.ts';
import { liftLimits, settle, signIn } from '../http/platform.ts';
import { Child } from '../run/child.ts';
import { withDatabase } from '../run/database.ts';
import { type Figure, figureOf, ratiosOf } from '../run/figure.ts';
import type { Scale, Suite } from '../run/suite.ts';
import type { Taken } from './collector-process.ts';

/** Of the rate without it. */
const LEFT_MIN = 95;
const CONNECTIONS = 256;

const KINDS = ['muted', 'metered', 'traced'] as const;
type Kind = (typeof KINDS)[number];
type Urls = Readonly<Record<Kind, string>>;

/** Client order ids of one platform never meet those of another: each has a letter. */
const FAMILIES: Readonly<Record<Kind, string>> = { muted: 'u', metered: 'm', traced: 't' };

interface Measured {
  readonly rounds: Readonly<Record<Kind, Load[]>>;
  readonly taken: Taken;
  readonly dropped: number;
}

export const telemetry: Suite = {
  run: async (scale, tell) =>
    await withDatabase(async ({ folder }) => {
      const collector = Child.start(new URL('./collector-process.ts', import.meta.url));
      const load = Child.start(new URL('../http/load-process.ts', import.meta.url));
      const platforms = platformsIn(folder, await collector.ask<string>('start'), scale);
      const children = [load, ...Object.values(platforms), collector];
      try {
        const urls = await startAll(platforms);
        await openAll(load, urls, scale.pick(CONNECTIONS, 16));
        const rounds = await measure(load, urls, scale, tell);
        const taken = await collector.ask<Taken>('taken');
        if (taken.requests === 0) throw new Error('no span came to the collector');
        return figuresOf({ rounds, taken, dropped: await droppedOf(urls.traced) });
      } finally {
        for (const child of children) await child.stop();
      }
    }),
};

/** None is started yet. Each has a database of its own. */
function platformsIn(folder: string, collector: string, scale: Scale): Readonly<Record<Kind, Child>> {
  const SECRET_KEY = randomBytes(32).toString('hex');
  const started = (kind: Kind, module: string, environment: NodeJS.ProcessEnv = {}): Child =>
    Child.start(new URL(module, import.meta.url), {
      SECRET_KEY,
      ENVIRONMENT: 'demo',
      DATA_DIR: join(folder, kind),
      PORT: '0',
      LOG_LEVEL: 'error',
      RATE_LIMIT_PER_MINUTE: '0',
      POSTGRES_URL: '',
      OTEL_TRACES_EXPORTER: 'none',
      ...environment,
    });
  return {
    muted: started('muted', './muted-process.ts'),
    metered: started('metered', '../http/platform-process.ts'),
    traced: started('traced', '../http/platform-process.ts', {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: scale.pick('0.1', '1'), // of a few orders a tenth may be none
      OTEL_BSP_SCHEDULE_DELAY: '500',
    }),
  };
}

async function startAll(platforms: Readonly<Record<Kind, Child>>): Promise<Urls> {
  const urls: Partial<Record<Kind, string>> = {};
  for (const kind of KINDS) {
    const url = await platforms[kind].ask<string>('start');
    await liftLimits(url);
    urls[kind] = url;
  }
  return urls as Urls;
}

/** Once all are started: a platform hangs up on who says nothing for a while. */
async function openAll(load: Child, urls: Urls, connections: number): Promise<void> {
  for (const kind of KINDS) {
    const token = await signIn(urls[kind], 'trader1', 'trader123');
    const target: Target = { url: urls[kind], token, family: FAMILIES[kind], connections };
    await load.ask('open', target);
  }
}

/** In turns, and each turn in another order: who comes first finds the machine as the one before left it. */
async function measure(
  load: Child,
  urls: Urls,
  scale: Scale,
  tell: (progress: string) => void,
): Promise<Measured['rounds']> {
  const turns = scale.pick(9, 1);
  const rounds: Record<Kind, Load[]> = { muted: [], metered: [], traced: [] };
  for (let turn = -1; turn < turns; turn += 1) {
    const kinds = turn % 2 === 0 ? KINDS : KINDS.toReversed();
    for (const kind of kinds) {
      tell(`${turn < 0 ? 'warming up' : `turn ${turn + 1} of ${turns}`}: ${kind}`);
      const wish = { family: FAMILIES[kind], seconds: scale.pick(4, 0.2) };
      const round = await load.ask<Load>('closedLoop', wish);
      if (round.refused > 0) throw new Error(`${kind} refused ${round.refused} orders`);
      if (turn >= 0) rounds[kind].push(round);
      await settle(urls[kind]);
    }
  }
  return rounds;
}

async function droppedOf(url: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(/^trace_spans_dropped_total (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

function figuresOf({ rounds, taken, dropped }: Measured): Figure[] {
  const rate = (kind: Kind) => rounds[kind].map(({ answered, seconds }) => answered / seconds);
  const left = (of: Kind, without: Kind) => ratiosOf(rate(of), rate(without)).map((each) => 100 * each);
  const told = { target: { atLeast: LEFT_MIN }, note: `${CONNECTIONS} connections, turn by turn` };
  const megabytes = Math.round(taken.bytes / 1e6);
  return [
    figureOf('orders with metrics, against none', '%', left('metered', 'muted'), told),
    figureOf('orders with a tenth traced, against metrics alone', '%', left('traced', 'metered'), told),
    figureOf('… nothing counted', 'orders/s', rate('muted')),
    figureOf('… metrics', 'orders/s', rate('metered')),
    figureOf('… metrics and traces', 'orders/s', rate('traced'), {
      note: `${megabytes} MB of spans in ${taken.requests} requests, ${dropped} spans dropped`,
    }),
  ];
}
