/**
 * What single settings do to the write path: the sequencer on PostgreSQL with a synchronous standby, first as deployed,
 * then with one setting changed, in turns. Ratios alone are told: both servers and the writer share one machine, and so
 * one disk, where the way to the standby is the loopback.
 *
 * Expected: a lone order waits for two flushes, one after the other, so without a standby it is answered in about half
 * the time; many callers share rows and gain less. `synchronous_commit` of the server changes nothing: the writer's
 * session sets its own. Compression of full pages, and another way to flush, are within the noise. A commit_delay of
 * 1 ms is paid by each row of a single writer and gathers nobody. A young generation of 64 MB spares copies of orders
 * that wait for their commit: some per cent of a busy thread.
 */
import pg from 'pg';
import { migrate } from '../../src/database/migrations.ts';
import { Pair } from '../../test/standby.ts';
import { Child } from '../run/child.ts';
import { type Figure, figureOf, quantileOf, ratiosOf } from '../run/figure.ts';
import { onLeave } from '../run/leaving.ts';
import type { Scale, Suite } from '../run/suite.ts';
import { AS_DEPLOYED, VARIANTS, type Variant } from './variants.ts';
import type { Place, Turn } from './writer-process.ts';

/** One alone sees what a commit takes; many see what a second holds. */
const PACES = [
  { name: 'one caller', callers: 1 },
  { name: '256 callers', callers: 256 },
] as const;
/** Many short turns rather than few long ones: a neighbour's burst then troubles one pair, and the median passes over it. */
const ROUNDS = 21;
const TURN_MS = 250;
/** What a figure has to keep so that a gross mistake is seen: deployed settings must not be the slow ones. */
const GAIN_MAX = 10;

/** Orders a second by pace, each with its own baseline measured just before. */
interface Measured {
  readonly variant: Variant;
  readonly rates: readonly (readonly number[])[];
  readonly baselines: readonly (readonly number[])[];
}

export const tuning: Suite = {
  run: async (scale, tell) => {
    const pair = await Pair.start();
    const callOff = onLeave(() => pair.end());
    const admin = new pg.Client({ connectionString: pair.url(0) });
    const children: Child[] = [];
    try {
      await admin.connect();
      await apply(admin, AS_DEPLOYED);
      await migrate(pair.url(0));
      const writer = async (flags: readonly string[]): Promise<Child> => {
        const child = Child.start(new URL('./writer-process.ts', import.meta.url), {}, flags);
        children.push(child);
        const shard = `shard-${children.length}`;
        await child.ask('open', { url: pair.url(0), shard } satisfies Place);
        return child;
      };
      const plain = await writer([]);
      const measured: Measured[] = [];
      for (const variant of VARIANTS) {
        tell(variant.name);
        const other = variant.flags.length === 0 ? plain : await writer(variant.flags);
        measured.push(await measure(variant, plain, other, admin, scale));
      }
      return measured.flatMap(figuresOf);
    } finally {
      await Promise.all(children.map((child) => child.stop()));
      await admin.end();
      callOff();
      await pair.end();
    }
  },
};

/** Turn by turn: as deployed, then as the variant. The first round warms both up and is not counted. */
async function measure(
  variant: Variant,
  plain: Child,
  other: Child,
  admin: pg.Client,
  scale: Scale,
): Promise<Measured> {
  const rates: number[][] = PACES.map(() => []);
  const baselines: number[][] = PACES.map(() => []);
  for (let round = -1; round < scale.pick(ROUNDS, 1); round++) {
    for (const [i, { callers }] of PACES.entries()) {
      const turn: Turn = { callers, ms: scale.pick(TURN_MS, 50) };
      await apply(admin, AS_DEPLOYED);
      const baseline = await plain.ask<number>('turn', turn);
      await apply(admin, { ...AS_DEPLOYED, ...variant.server });
      const rate = await other.ask<number>('turn', turn);
      if (round < 0) continue;
      baselines[i]?.push(baseline);
      rates[i]?.push(rate);
    }
  }
  await apply(admin, AS_DEPLOYED);
  return { variant, rates, baselines };
}

/** In force when this resolves: the postmaster has read its files, and a session reads them before its next statement. */
async function apply(admin: pg.Client, settings: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(settings))
    await admin.query(`alter system set ${name} = ${admin.escapeLiteral(value)}`);
  const { rows } = await admin.query<{ at: string }>('select pg_conf_load_time()::text as at');
  await admin.query('select pg_reload_conf()');
  for (;;) {
    const now = await admin.query<{ at: string }>('select pg_conf_load_time()::text as at');
    if (now.rows[0]?.at !== rows[0]?.at) return;
  }
}

const figuresOf = ({ variant, rates, baselines }: Measured): readonly Figure[] =>
  PACES.map(({ name }, i) => {
    const ratios = ratiosOf(rates[i] ?? [], baselines[i] ?? []);
    const title = i === 0 ? `${variant.name}: ${name}` : `… ${name}`;
    return figureOf(title, '×', ratios, {
      target: { atMost: GAIN_MAX },
      note: `orders/s against as deployed; the middle half of the turns: ${quartilesOf(ratios)}`,
    });
  });

/** The spread without the turns that a neighbour spoilt. */
function quartilesOf(ratios: readonly number[]): string {
  const sorted = ratios.toSorted((a, b) => a - b);
  return `${quantileOf(sorted, 0.25).toFixed(2)} to ${quantileOf(sorted, 0.75).toFixed(2)}`;
}
