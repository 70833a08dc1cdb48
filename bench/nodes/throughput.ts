/** Three engines behind Kafka against one process that does all itself: durable orders for a second of a core. */
import type { Stack } from '../../stack/stack.ts';
import { Child } from '../run/child.ts';
import { type Figure, figureOf, medianOf, ratiosOf } from '../run/figure.ts';
import type { Scale } from '../run/suite.ts';
import type { Called, Calling } from './caller-process.ts';
import { cpuOf, databaseBeside, withAgain, without } from './picture.ts';

const PER_CORE_MIN = 50;
const CALLERS = 1_024;
/** Whose time counts, beside the callers' own. */
const BEHIND = { alone: ['postgres'], nodes: ['engine', 'kafka', 'redis', 'postgres'] } as const;
type Kind = keyof typeof BEHIND;
/** In seconds: so that each process has had about as many orders before its first turn. */
const WARM_UP_S: Readonly<Record<Kind, number>> = { alone: 10, nodes: 30 };
/** They have no part in what is measured, and would take their part of the cores. */
const IDLE = ['projector', 'publisher', 'api'] as const;

/** One turn of one kind. */
interface Turn extends Called {
  /** Seconds of a core, by who took them. */
  readonly cpu: Readonly<Record<string, number>>;
}

export async function throughputOf(
  stack: Stack,
  scale: Scale,
  tell: (progress: string) => void,
): Promise<Figure[]> {
  await without(stack, IDLE);
  const module = new URL('./caller-process.ts', import.meta.url);
  const children: Readonly<Record<Kind, Child>> = { alone: Child.start(module), nodes: Child.start(module) };
  try {
    await children.alone.ask('openHouse', await settingsOfHouse(stack));
    await children.nodes.ask('openNode', { ...settingsOfNode(stack), NODE_NAME: 'bench' });
    const turns: Record<Kind, Turn[]> = { alone: [], nodes: [] };
    const count = scale.pick(5, 1);
    for (let turn = -1; turn < count; turn++) {
      for (const kind of ['alone', 'nodes'] as const) {
        tell(`orders, ${turn < 0 ? 'warming up' : `turn ${turn + 1} of ${count}`}: ${kind}`);
        const full = turn < 0 ? WARM_UP_S[kind] : 5;
        const asked = { callers: scale.pick(CALLERS, 64), seconds: scale.pick(full, 1) };
        const taken = await takeTurn(stack, kind, children[kind], asked);
        if (turn >= 0) turns[kind].push(taken);
      }
    }
    return figuresOf(turns);
  } finally {
    await Promise.all(Object.values(children).map((child) => child.stop()));
    await withAgain(stack, IDLE);
  }
}

function settingsOfNode(stack: Stack): Readonly<Record<string, string>> {
  const node = stack.processes.find(({ role }) => role === 'api');
  if (node === undefined) throw new Error('the stack has no node of the API');
  return node.settings;
}

/** On the same pair of servers, where the commit waits for the same standby. */
async function settingsOfHouse(stack: Stack): Promise<Readonly<Record<string, string>>> {
  const { SECRET_KEY = '' } = settingsOfNode(stack);
  return { SECRET_KEY, ENVIRONMENT: 'demo', POSTGRES_URL: await databaseBeside(stack, 'alone') };
}

async function takeTurn(stack: Stack, kind: Kind, child: Child, asked: Calling): Promise<Turn> {
  const before = await Promise.all(BEHIND[kind].map((role) => cpuOf(stack, role)));
  const called = await child.ask<Called>('run', asked);
  const after = await Promise.all(BEHIND[kind].map((role) => cpuOf(stack, role)));
  const behind = BEHIND[kind].map((role, i) => [role, (after[i] ?? 0) - (before[i] ?? 0)] as const);
  return { ...called, cpu: Object.fromEntries([['callers', called.cpuSeconds], ...behind]) };
}

const sum = (cpu: Turn['cpu']): number => Object.values(cpu).reduce((total, each) => total + each, 0);

function figuresOf(turns: Readonly<Record<Kind, readonly Turn[]>>): Figure[] {
  const rate = (kind: Kind): number[] => turns[kind].map(({ orders, seconds }) => orders / seconds);
  const perCore = (kind: Kind): number[] => turns[kind].map(({ orders, cpu }) => orders / sum(cpu));
  return [
    figureOf(
      'three engines over Kafka, orders for a second of a core, against one process',
      '%',
      ratiosOf(perCore('nodes'), perCore('alone')).map((each) => 100 * each),
      { target: { atLeast: PER_CORE_MIN }, note: '1 broker, 1,024 callers without HTTP, turn by turn' },
    ),
    figureOf(
      '… orders a second, against one process',
      '%',
      ratiosOf(rate('nodes'), rate('alone')).map((each) => 100 * each),
    ),
    ...(['alone', 'nodes'] as const).flatMap((kind) => [
      figureOf(`… ${NAMES[kind]}, of a core`, 'orders/s', perCore(kind), { note: sharesOf(turns[kind]) }),
      figureOf(`… ${NAMES[kind]}`, 'orders/s', rate(kind)),
    ]),
  ];
}

const NAMES: Readonly<Record<Kind, string>> = { alone: 'one process', nodes: 'three engines' };

/** Who takes how much of a core for an order. */
function sharesOf(turns: readonly Turn[]): string {
  const names = Object.keys(turns[0]?.cpu ?? {});
  const shares = names.map((name) => {
    const micros = medianOf(turns.map(({ cpu, orders }) => (1e6 * (cpu[name] ?? 0)) / orders));
    return `${name} ${micros.toFixed(micros < 10 ? 1 : 0)}`;
  });
  return `µs an order: ${shares.join(', ')}`;
}
