/** `itirp bench`: the benchmarks of bench/, from a checkout. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { EXIT_WRONG } from '../ending.ts';

const BENCH = join(import.meta.dirname, '..', '..', '..', 'bench', 'bench.ts');

export const benchCommand = (): Command =>
  new Command('bench')
    .description(
      'measure core, durability, HTTP, recovery, memory and more, side by side with their baselines',
    )
    .option('--json <file>', 'write the figures as JSON, too')
    .option(
      '--only <names>',
      'only these, separated by commas: core, durable, http, telemetry, recovery, memory, drill, storage, tuning, nodes',
    )
    .option('--quick', 'everything small and once: tries the benchmarks out, and measures nothing')
    .action(async (flags: Readonly<Record<string, string | true>>) => {
      if (!existsSync(BENCH)) {
        console.error('itirp: the benchmarks are part of a checkout, and this is none');
        process.exitCode = EXIT_WRONG;
        return;
      }
      const passed = Object.entries(flags).flatMap(([name, value]) =>
        value === true ? [`--${name}`] : [`--${name}`, value],
      );
      const child = spawn(process.execPath, ['--expose-gc', BENCH, ...passed], { stdio: 'inherit' });
      process.exitCode = await new Promise<number>((resolve) => {
        child.on('exit', (code) => resolve(code ?? EXIT_WRONG));
      });
    });
