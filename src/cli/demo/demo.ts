/** The demo from curtain to curtain: it starts the real server, plays a day against it, and cleans up after itself. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Fault } from '../../faults/fault.ts';
import { SETTINGS } from '../../main/config.ts';
import { type Benchmark, benchmarkFor } from './benchmark.ts';
import { addTraders, clientOf, tradersOf } from './cast.ts';
import { closeTheDay } from './close-act.ts';
import { showCrash } from './crash-act.ts';
import { Ledger } from './ledger.ts';
import { MarketView } from './market-view.ts';
import { showDailyLimit, showKillSwitch, showRules } from './rules-act.ts';
import { type DemoOptions, type Script, scriptOf } from './script.ts';
import { type Environment, freePort, ServerProcess } from './server-process.ts';
import type { Stage } from './stage.ts';
import { enter, type Terminal, terminalOn } from './terminal.ts';
import { trade } from './trading.ts';

/** What of the market's time the two quiet acts take. */
const MORNING = 0.4;
const AFTERNOON = 0.35;
/** Of the generator's instruments the demo trades these; of a file's, the one it holds. */
const GENERATED_SYMBOLS = ['SPY', 'AAPL', 'MSFT', 'NVDA'];

/**
 * Runs the demo; resolves true only when every proof holds.
 * @throws Fault FEED_INVALID: the quote file does not read; CONFIG_INVALID: the data directory is in use
 */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<boolean> {
  const terminal = terminalOn(process.stdout);
  const script = scriptOf(options);
  const folder = options.dataDir === undefined ? ownFolder() : freshFolder(options.dataDir);
  const logFile = join(folder, 'server.log');
  const environment = { ...unset(), RATE_LIMIT_PER_MINUTE: '0' };
  const dataDir = join(folder, 'data');
  const server = new ServerProcess({ dataDir, logFile, port: await freePort(), environment });
  let isGood = false;
  try {
    const aside = `${script.says}, seed ${options.seed}, server on ${server.url}`;
    terminal.title('ITIRP, a day of trading', aside);
    isGood = await playDay({ options, script, terminal, server, signal });
  } finally {
    await server.stop();
    await server.close();
    const isKept = options.dataDir !== undefined || !(isGood || signal.aborted);
    if (isKept) terminal.say(`Data and the server's log are kept in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
  terminal.gap();
  terminal.say(isGood ? 'All of it holds.' : 'NOT all of it holds.');
  return isGood;
}

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'itirp-demo-'));
  chmodSync(folder, 0o755); // PostgreSQL, which never runs as root, must reach its data in it
  return folder;
}

/** What the operator's own environment sets is for the operator's own server: an empty value counts as none. */
const unset = (): Environment => Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, '']));

/** @throws Fault CONFIG_INVALID: a platform lives there already, whose orders are not the demo's to play with */
function freshFolder(path: string): string {
  const folder = resolve(path);
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length === 0) return folder;
  throw new Fault('CONFIG_INVALID', `${folder} is not empty; the demo starts from nothing`);
}

interface Play {
  readonly options: DemoOptions;
  readonly script: Script;
  readonly terminal: Terminal;
  readonly server: ServerProcess;
  readonly signal: AbortSignal;
}

async function playDay({ options, script, terminal, server, signal }: Play): Promise<boolean> {
  const benchmark = options.quotes === undefined ? undefined : benchmarkFor(options.quotes);
  const passwords = await addTraders(server);
  const startMs = await server.start(script.playFrom(undefined), signal);
  const traders = await tradersOf(server, passwords, options.seed);
  const [first] = traders;
  if (first === undefined) throw new Error('nobody trades');
  const market = new MarketView(first.client);
  const watching = new AbortController();
  const watch = market.watch(watching.signal);
  const stage: Stage = {
    terminal,
    server,
    playFrom: script.playFrom,
    traders,
    riskManager: await clientOf(server, passwords, 'risk1'),
    auditor: await clientOf(server, passwords, 'compliance1'),
    market,
    symbols: options.quotes === undefined ? GENERATED_SYMBOLS : await quotedSymbols(market, signal),
    ledger: new Ledger(),
    signal,
    promises: [],
  };
  terminal.say(`healthy after ${(startMs / 1000).toFixed(1)} s. ${traders.length} traders are logged in:`);
  for (const { character } of traders) terminal.see(`${character.name} ${character.says}`);
  try {
    return await playActs(stage, script, benchmark, options.isPausing);
  } finally {
    watching.abort();
    await watch;
  }
}

/** The acts in their order. */
async function playActs(
  stage: Stage,
  { lastsMs }: Script,
  benchmark: Benchmark | undefined,
  isPausing: boolean,
): Promise<boolean> {
  let isGood = false;
  const acts: readonly (readonly [name: string, play: () => Promise<void>])[] = [
    ['The morning', () => trade(stage, lastsMs * MORNING)],
    ['The rules', () => showRules(stage)],
    ['The kill switch', () => showKillSwitch(stage)],
    ['The crash', () => showCrash(stage)],
    ['The afternoon', () => trade(stage, lastsMs * AFTERNOON)],
    ['The daily limit', () => showDailyLimit(stage)],
    [
      'The close',
      async () => {
        isGood = await closeTheDay(stage, benchmark);
      },
    ],
  ];
  for (const [index, [name, play]] of acts.entries()) {
    stage.signal.throwIfAborted();
    if (isPausing && index > 0) await enter(stage.signal);
    stage.terminal.act(index + 1, name);
    await play();
  }
  return isGood;
}

/** What the file holds quotes of, as the server shows it. */
async function quotedSymbols(market: MarketView, signal: AbortSignal): Promise<readonly string[]> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(15_000)]);
  while (market.symbols.length === 0) {
    patience.throwIfAborted();
    await new Promise((done) => setTimeout(done, 50));
  }
  return market.symbols;
}
