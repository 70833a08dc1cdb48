/** `itirp demo`: a trading day against the real server, with a crash in the middle and proofs at the end. */
import { Command, InvalidArgumentError } from 'commander';
import { runDemo } from '../demo/demo.ts';
import { EXIT_WRONG, onInterrupt } from '../ending.ts';

interface DemoFlags {
  readonly quotes?: string;
  readonly speed?: number;
  readonly pause?: boolean;
  readonly seed: number;
  readonly dataDir?: string;
}

const SEED = 7;

export const demoCommand = (): Command =>
  new Command('demo')
    .description(
      'play a trading day against the real server, kill it in mid-day, prove that nothing was lost',
    )
    .option('--quotes <file>', 'quotes from a CSV file; without it, a seeded market is made up')
    .option('--speed <factor>', 'recorded seconds a real second (default: the file in 90 s)', positive)
    .option('--pause', 'wait for Enter between the acts')
    .option('--seed <number>', "of the traders' choices and of the made-up market", whole, SEED)
    .option('--data-dir <folder>', 'keep the data there (default: it is removed at the end)')
    .action(demo);

/** Ctrl-C cleans up first, and ends with the exit code that a shell expects of it. */
async function demo(flags: DemoFlags): Promise<void> {
  const controller = new AbortController();
  let interrupted: number | undefined;
  const leave = onInterrupt((code) => {
    interrupted = code;
    process.stdout.write('\n   Stopping, and cleaning up.\n');
    controller.abort();
  });
  const { quotes, speed, pause, seed, dataDir } = flags;
  const options = { quotes, speed, isPausing: pause === true, seed, dataDir };
  try {
    const isGood = await runDemo(options, controller.signal);
    process.exitCode = interrupted ?? (isGood ? 0 : EXIT_WRONG);
  } catch (error) {
    if (interrupted === undefined) throw error;
    process.exitCode = interrupted;
  } finally {
    leave();
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('It is a number above 0, up to 1,000,000.');
}

function whole(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It is a whole number from 0.');
}
