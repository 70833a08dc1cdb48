/** `itirp load`: puts a deployment under load, open loop, and tells what its callers would have met. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { Fault } from '../../faults/fault.ts';
import type { LoadFigures } from '../../load/figures.ts';
import { runLoad } from '../../load/load.ts';
import { plotOf } from '../../load/plot.ts';
import type { Point } from '../../load/series.ts';
import { digits, tableOf, whole } from '../../load/table.ts';
import { openTransport } from '../../main/load-transport.ts';
import { EXIT_WRONG, onInterrupt } from '../ending.ts';
import { type Chosen, chosenBy, type LoadFlags, P99_MS, USUAL } from '../load/flags.ts';
import { figuresFrom } from '../load/outcome.ts';
import { RaisedLimits } from '../load/raised-limits.ts';
import { type Target, targetOf } from '../load/target.ts';
import { passwordsShownIn, riskManagerFrom, tradersFrom } from '../load/users.ts';
import { ProgressLine } from '../progress-line.ts';

const each = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const loadCommand = (): Command =>
  new Command('load')
    .description('put a deployment under load, open loop, and tell what its callers would have met')
    .option(
      '--url <url>',
      'where it listens; again for several addresses (default: http://127.0.0.1:8000)',
      each,
    )
    .option('--own-server', 'start a demo server for this load and remove it afterwards')
    .option('--yes-i-may', 'the address is not this machine, and I may put it under load')
    .option('--ca <file>', 'trust this certificate authority, too (PEM)')
    .option('--rate <n>', `requests a second; with --find the first to try (default: ${USUAL.rate})`)
    .option('--for <time>', 'how long at that rate', USUAL.for)
    .option('--ramp <from:to:by/time>', 'steps of a rate instead, such as 100:5000:100/10s')
    .option('--find', 'find the highest rate that is sustained')
    .option('--peak-of <file>', 'play the peak of a recorded day: CSV with the columns time and volume')
    .option(
      '--stress',
      'the stress test: twice a recorded peak, on a server of its own where no --url is given',
    )
    .option('--times <n>', 'the multiple of the recorded peak', USUAL.times)
    .option('--minute <time>', 'how long to play each recorded minute, at its own rate', USUAL.minute)
    .option(
      '--shares-a-trade <n>',
      'how many shares of the recorded volume are one order',
      USUAL.sharesATrade,
    )
    .option('--warm-up <time>', 'before it counts; 0: none', USUAL.warmUp)
    .option('--step <time>', 'of --find: how long each rate is held', USUAL.step)
    .option(
      '--p99 <ms>',
      `of --find, --peak-of and --stress: p99 latency at most (default: ${P99_MS.usual}; of --stress ${P99_MS.stress})`,
    )
    .option('--errors <percent>', 'of --find, --peak-of and --stress: failed requests at most', USUAL.errors)
    .option('--refusals <percent>', 'of the same: orders that a rule refuses, at most', USUAL.refusals)
    .option('--within <percent>', 'of --find: how near to the truth', USUAL.within)
    .option('--most <n>', 'of --find: no higher rate than this', USUAL.most)
    .option(
      '--mix <weights>',
      'place, cancel, get, positions (default: place=80,cancel=10,get=5,positions=5)',
    )
    .option('--orders <weights>', 'limit, market (default: limit=90,market=10)')
    .option('--arrivals <how>', 'poisson or constant', USUAL.arrivals)
    .option('--seed <n>', 'of the dice: the same requests at the same instants again', USUAL.seed)
    .option('--user <name[:password]>', 'who trades; again for several (default: the demo trader)', each)
    .option('--users <file>', 'who trades: NAME:PASSWORD lines (ITIRP_LOAD_USERS, ITIRP_LOAD_USERS_FILE)')
    .option('--raise-limits', "lift the firm's limits meanwhile, as --risk-user")
    .option(
      '--risk-user <name[:password]>',
      'a risk manager (ITIRP_LOAD_RISK_USER, ITIRP_LOAD_RISK_USER_FILE; default: the demo one)',
    )
    .option('--connections <n>', 'at most', USUAL.connections)
    .option('--timeout <time>', 'a request without an answer has failed', USUAL.timeout)
    .option('--patience <time>', 'a request that no connection is free for is shed', USUAL.patience)
    .option('--spin', 'wake up to the microsecond: takes a whole core')
    .option('--verify', 'at the end: is each acknowledged order there exactly once?')
    .option('--json <file>', 'write all figures')
    .option('--plot <file>', 'draw them, as SVG')
    .option('--title <words>', 'over the plot')
    .action(load);

/**
 * Ctrl-C ends the load in good order, with the figures so far. While limits are raised the second one says what would
 * be left behind, and only the third ends it at once.
 */
async function load(flags: LoadFlags): Promise<void> {
  const controller = new AbortController();
  const line = new ProgressLine();
  const lifted = new RaisedLimits(line);
  let interrupted: number | undefined;
  const leave = onInterrupt(
    (code) => {
      interrupted = code;
      controller.abort();
    },
    () => lifted.holdOn(),
  );
  let target: Target | undefined;
  try {
    const chosen = await chosenBy(flags);
    target = await targetOf(flags, controller.signal, (says) => line.show(says));
    const figures = await loaded(flags, chosen, target, { line, lifted, signal: controller.signal });
    line.end();
    console.log(tableOf(figures));
    await write(flags, figures);
    const isWrong = figures.verified?.isSound === false || (figures.shortcomings ?? []).length > 0;
    process.exitCode = interrupted ?? (isWrong ? EXIT_WRONG : 0);
  } catch (error) {
    line.end();
    if (interrupted === undefined) throw error;
    process.exitCode = interrupted;
  } finally {
    if (lifted.areLeft()) process.exitCode = EXIT_WRONG;
    await target?.leave();
    leave();
  }
}

interface Doings {
  readonly line: ProgressLine;
  readonly lifted: RaisedLimits;
  readonly signal: AbortSignal;
}

async function loaded(
  flags: LoadFlags,
  chosen: Chosen,
  { urls, isOwn, lookup }: Target,
  { line, lifted, signal }: Doings,
): Promise<LoadFigures> {
  for (const warning of passwordsShownIn(flags)) console.error(`! ${warning}`);
  const transport = openTransport({ urls, lookup, ...chosen });
  const isStress = flags.stress === true;
  const raises = flags.raiseLimits === true || (isStress && isOwn);
  const plan = {
    ...chosen,
    urls,
    lookup,
    traders: await tradersFrom(flags, process.env),
    riskManager: raises ? await riskManagerFrom(flags, process.env) : undefined,
    isSpinning: flags.spin === true,
    isVerifying: flags.verify === true || isStress,
  };
  console.log(`${urls.map(({ origin }) => origin).join(', ')}: ${chosen.says}`);
  try {
    const result = await runLoad(plan, transport, {
      tell: (says) => line.show(says),
      onRaised: (remedy) => lifted.set(remedy),
      onPoint: (point) => line.show(pointLine(point)),
      onTrial: (rate, shortcomings) => {
        line.end();
        console.log(`${whole(rate)}/s: ${shortcomings.length === 0 ? 'sustained' : shortcomings.join(', ')}`);
      },
      signal,
    });
    return figuresFrom(result, chosen, plan, { title: flags.title, wasInterrupted: signal.aborted });
  } catch (error) {
    throw demoUsersMissing(error, flags) ?? error;
  } finally {
    transport.close();
  }
}

/** Whoever gave no user has relied on the demo's: outside demo mode there are none. */
function demoUsersMissing(error: unknown, { user, users }: LoadFlags): Fault | undefined {
  const isRefused = error instanceof Fault && error.code === 'CREDENTIALS_INVALID';
  if (!isRefused || user !== undefined || users !== undefined) return undefined;
  const remedy = `${error.detail ?? ''}; where there are no demo users, --user, --users or --risk-user name others`;
  return new Fault('CREDENTIALS_INVALID', remedy, { cause: error });
}

function pointLine({ atS, seconds, due, answered, failed, shed, inFlight, p50Ms, p99Ms }: Point): string {
  const rate = (count: number): string => whole(count / seconds);
  const lost = failed + shed > 0 ? `, ${whole(failed)} failed, ${whole(shed)} shed` : '';
  const latency = `p50 ${digits(p50Ms)} p99 ${digits(p99Ms)} ms`;
  return `${whole(atS + seconds)} s: ${rate(due)}/s due, ${rate(answered)}/s answered, ${latency}, ${whole(inFlight)} under way${lost}`;
}

async function write({ json, plot }: LoadFlags, figures: LoadFigures): Promise<void> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(figures, undefined, 1)}\n`);
  if (plot !== undefined) await writeFile(plot, plotOf(figures));
}
