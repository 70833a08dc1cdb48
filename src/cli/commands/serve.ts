/** `itirp serve`: the platform, until it is told to stop. */
import { Command } from 'commander';
import type { Config } from '../../main/config.ts';
import { secretsIn, withoutSecrets } from '../../main/known-secrets.ts';
import { loadConfig } from '../../main/load-config.ts';
import { Platform } from '../../main/platform.ts';
import { overlaid } from '../../main/setting-files.ts';
import { isWorker, Workers } from '../../main/workers.ts';
import { type Log, openLog } from '../../telemetry/log.ts';
import { EXIT_WRONG, endWith, onInterrupt } from '../ending.ts';

interface ServeFlags {
  readonly demo?: boolean;
  readonly role?: string;
  readonly workers?: string;
  readonly host?: string;
  readonly port?: string;
  readonly dataDir?: string;
  readonly quotes?: string;
  readonly speed?: string;
  readonly from?: string;
}

/** After the drain. A graceful stop that takes longer is given up: the journal is as good after a kill. Milliseconds. */
const STOP_PATIENCE_MS = 30_000;

export const serveCommand = (): Command =>
  new Command('serve')
    .description('run the platform: HTTP, risk, execution, journal')
    .option('--demo', 'demo mode: users with public passwords, a secret made on the spot')
    .option('--role <roles>', 'all, or some of api,engine,projector,publisher (ROLE)')
    .option('--workers <number>', 'processes that share the port, for the role api alone (WORKERS)')
    .option('--host <address>', 'address to listen on (HOST)')
    .option('--port <number>', 'port to listen on, 0 for any free one (PORT)')
    .option('--data-dir <folder>', 'where the embedded PostgreSQL keeps its data (DATA_DIR)')
    .option('--quotes <file>', 'play quotes from a CSV file instead of a made-up market (QUOTES_FILE)')
    .option('--speed <factor>', 'recorded seconds a real second (QUOTES_SPEED)')
    .option('--from <instant>', 'ISO 8601 instant in the file to begin at (QUOTES_FROM)')
    .addHelpText('after', '\nEvery setting is an environment variable: see docs/configuration.md.')
    .action(serve);

async function serve(flags: ServeFlags): Promise<void> {
  const config = loadConfig(overlaid(process.env, environmentOf(flags)));
  const secrets = secretsIn(config);
  const log = openLog(config.LOG_LEVEL, undefined, (line) => withoutSecrets(line, secrets));
  let starting: Promise<Serving> | undefined;
  let isStopping = false;
  let isEnding = false;
  const end = async (exitCode: number): Promise<void> => {
    if (isEnding) return; // a bug may be heard of more than once
    isEnding = true;
    process.exitCode = exitCode; // also where the stop hangs and nothing else is left to do
    setTimeout(() => process.exit(exitCode), config.DRAIN_MS + STOP_PATIENCE_MS).unref();
    try {
      const platform = await starting?.catch(() => undefined); // a start that fails cleans up after itself
      await platform?.stop();
    } catch (error) {
      log.error({ err: error }, 'the stop was not clean');
    }
    process.exit(exitCode);
  };
  onInterrupt((code) => {
    isStopping = true;
    log.info('stopping');
    void end(code === 143 ? 0 : code); // SIGTERM is how a supervisor says goodbye: nothing is wrong
  });
  const onFatal = (error: unknown): void => {
    log.fatal({ err: error }, 'the platform stops: this must not go on');
    void end(EXIT_WRONG);
  };
  process.on('uncaughtException', onFatal);
  process.on('unhandledRejection', onFatal);
  starting =
    config.WORKERS > 1 && !isWorker()
      ? startWorkers(config, log, onFatal)
      : Platform.start({ config, log, onFatal });
  const platform = await starting.catch((error) => (isStopping ? undefined : endWith(error)));
  if (platform === undefined || isStopping) return; // Ctrl-C came first, and `end` closes what was opened
  const { url } = platform;
  if (url === undefined) return; // the workers say where they listen
  log.info({ address: url, docs: `${url}/docs` }, 'listening');
  if (process.stdout.isTTY) process.stderr.write(welcome(url));
}

/** What is stopped at the end: the platform, or the workers that each are one. */
interface Serving {
  readonly url?: string;
  stop(): Promise<void>;
}

async function startWorkers(config: Config, log: Log, onFatal: (error: unknown) => void): Promise<Serving> {
  const workers = new Workers(config.WORKERS, log, () =>
    onFatal(new Error('workers end as soon as they start')),
  );
  workers.start();
  return workers;
}

const welcome = (url: string): string => `
  ITIRP takes orders at ${url}
  Try it in a browser: ${url}/docs        Stop it: Ctrl-C
\n`;

/** Flags are settings under another name; they win over the environment. */
function environmentOf(flags: ServeFlags): Record<string, string> {
  const given = {
    ENVIRONMENT: flags.demo === true ? 'demo' : undefined,
    ROLE: flags.role,
    WORKERS: flags.workers,
    HOST: flags.host,
    PORT: flags.port,
    DATA_DIR: flags.dataDir,
    QUOTES_FILE: flags.quotes,
    QUOTES_SPEED: flags.speed,
    QUOTES_FROM: flags.from,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}
