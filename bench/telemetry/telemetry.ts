/**
 * What it costs to be watched: durable orders over HTTP with nothing counted, with the metrics of every day, and with
 * a tenth of all orders traced to a collector on the same machine.
 *
 * Expected: an order takes about 90 µs of the server's thread. It is counted some twenty times, at 20 to 50 ns each, and
 * the clock is read some ten times for it: 1.5 µs, 2 %. One that is traced has eight spans there; each takes about 2.5 µs
 * until the thread that sends it has it, and whether it is one takes 0.16 µs at each of four places. For a tenth of the
 * orders that is 2.7 µs, 3 %; the sending thread and the collector want a part of the other core beside. Without traces
 * an order is asked ten times whether it has one, below a nanosecond each.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ClosedLoop, Load, Target } from '../http/load-process.ts';
import { liftLimits, settle, signIn, textOf } from '../http/platform.ts';
import { Child } from '../run/child.ts';
import { withDatabase } from '../run/database.ts';
import { type Figure, figureOf, medianOf, ratiosOf } from '../run/figure.ts';
import type { Scale, Suite } from '../run/suite.ts';
import type { Taken } from './collector-process.ts';
import type { Walks } from './off-checks-process.ts';

/** Of the rate without it. */
const LEFT_MIN = 95;
/** Of an order's own time. */
const UNTRACED_MAX = 0.1;
const CONNECTIONS = 256;
/** For a platform to start, with a PostgreSQL of its own. */
const START_MS = 120_000;

const KINDS = ['muted', 'metered', 'traced'] as const;
type Kind = (typeof KINDS)[number];
type Urls = Readonly<Record<Kind, string>>;

/** Client order ids of one platform never meet those of another: each has a letter. */
const FAMILIES: Readonly<Record<Kind, string>> = { muted: 'u', metered: 'm', traced: 't' };

interface Round extends Load {
  /** What the platform's first thread took for an order. */
  readonly microsAnOrder: number;
}

interface Measured {
  readonly rounds: Readonly<Record<Kind, Round[]>>;
  readonly walks: readonly Walks[];
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
        const walks = await walkUntraced(scale.pick(9, 1));
        const rounds = await measure({ load, platforms, urls }, scale, tell);
        const taken = await collector.ask<Taken>('taken');
        if (taken.requests === 0) throw new Error('no span came to the collector');
        return figuresOf({ rounds, walks, taken, dropped: await droppedOf(urls.traced) });
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
      SNAPSHOT_EVERY: '0', // one comes every few turns, and troubles whoever is measured then
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
    const url = await platforms[kind].ask<string>('start', undefined, START_MS);
    await liftLimits(url);
    urls[kind] = url;
  }
  return urls as Urls;
}

async function openAll(load: Child, urls: Urls, connections: number): Promise<void> {
  for (const kind of KINDS) {
    const token = await signIn(urls[kind], 'trader1', 'trader123');
    const target: Target = { url: urls[kind], token, family: FAMILIES[kind], connections };
    await load.ask('open', target);
  }
}

/** What orders pay where tracing is off, in a process that does nothing else. */
async function walkUntraced(times: number): Promise<Walks[]> {
  const child = Child.start(new URL('./off-checks-process.ts', import.meta.url));
  try {
    await child.ask('warmUp');
    const walks: Walks[] = [];
    while (walks.length < times) walks.push(await child.ask<Walks>('measure'));
    return walks;
  } finally {
    await child.stop();
  }
}

interface Site {
  readonly load: Child;
  readonly platforms: Readonly<Record<Kind, Child>>;
  readonly urls: Urls;
}

/**
 * All six orders of the three, one after the other: nobody is always in the middle, and nobody follows itself, since its
 * memory would still be in the processor's caches.
 */
function orderOf(turn: number): readonly Kind[] {
  const row = Math.floor(turn / KINDS.length) % 2 === 0 ? KINDS : KINDS.toReversed();
  const first = turn % KINDS.length;
  return [...row.slice(first), ...row.slice(0, first)];
}

async function measure(
  site: Site,
  scale: Scale,
  tell: (progress: string) => void,
): Promise<Measured['rounds']> {
  const warming = scale.pick(2, 1);
  const turns = scale.pick(12, 1);
  const rounds: Record<Kind, Round[]> = { muted: [], metered: [], traced: [] };
  for (let turn = 0; turn < warming + turns; turn += 1) {
    const isWarm = turn >= warming;
    for (const kind of orderOf(turn)) {
      tell(`${isWarm ? `turn ${turn - warming + 1} of ${turns}` : 'warming up'}: ${kind}`);
      const round = await takeTurn(site, kind, scale.pick(3, 0.2));
      if (isWarm) rounds[kind].push(round);
      await settle(site.urls[kind]);
    }
  }
  return rounds;
}

/** @throws Error when an order is refused */
async function takeTurn({ load, platforms, urls }: Site, kind: Kind, seconds: number): Promise<Round> {
  const spent = () => platforms[kind].ask<number>('threadMicros');
  const before = await spent();
  const wish: ClosedLoop = { family: FAMILIES[kind], seconds };
  const round = await load.ask<Load>('closedLoop', wish);
  if (round.refused > 0) throw new Error(`${kind} at ${urls[kind]} refused ${round.refused} orders`);
  return { ...round, microsAnOrder: ((await spent()) - before) / round.answered };
}

async function droppedOf(url: string): Promise<number> {
  const text = await textOf(url, '/metrics');
  return Number(/^trace_spans_dropped_total (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

function figuresOf({ rounds, walks, taken, dropped }: Measured): Figure[] {
  const rate = (kind: Kind) => rounds[kind].map(({ answered, seconds }) => answered / seconds);
  const own = (kind: Kind) => rounds[kind].map(({ microsAnOrder }) => microsAnOrder);
  const left = (of: Kind, without: Kind) => ratiosOf(rate(of), rate(without)).map((each) => 100 * each);
  const told = { target: { atLeast: LEFT_MIN }, note: `${CONNECTIONS} connections, turn by turn` };
  const megabytes = Math.round(taken.bytes / 1e6);
  return [
    figureOf('orders with metrics, against none', '%', left('metered', 'muted'), told),
    figureOf('orders with a tenth traced, against metrics alone', '%', left('traced', 'metered'), told),
    untracedFigure(walks, medianOf(own('metered'))),
    figureOf('… nothing counted', 'orders/s', rate('muted')),
    figureOf('… metrics', 'orders/s', rate('metered')),
    figureOf('… metrics and traces', 'orders/s', rate('traced'), {
      note: `${megabytes} MB of spans in ${taken.requests} requests, ${dropped} spans dropped`,
    }),
    figureOf('… the thread’s own time, nothing counted', 'µs/order', own('muted')),
    figureOf('… the thread’s own time, metrics', 'µs/order', own('metered')),
    figureOf('… the thread’s own time, metrics and traces', 'µs/order', own('traced')),
  ];
}

/** `micros`: an order's own time. */
function untracedFigure(walks: readonly Walks[], micros: number): Figure {
  const nanos = walks.map(({ asked, unasked }) => asked - unasked);
  const parts = nanos.map((each) => each / (10 * micros));
  return figureOf('tracing off: what asking for it takes of an order', '%', parts, {
    target: { atMost: UNTRACED_MAX },
    note: `${medianOf(nanos).toFixed(1)} ns of ${Math.round(micros)} µs`,
  });
}
