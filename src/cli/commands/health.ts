/** `itirp health`: asks a running platform how it is; for people, and for a container's health check. */
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../../main/load-config.ts';
import { EXIT_WRONG } from '../ending.ts';

interface HealthFlags {
  readonly url?: string;
}

const PATIENCE_MS = 5_000;

export const healthCommand = (): Command =>
  new Command('health')
    .description('ask a running platform how it is; exit code 1 when it is not healthy')
    .option('--url <url>', 'where it listens (default: HOST and PORT)', addressFrom)
    .action(async (flags: HealthFlags) => {
      const { HOST, PORT } = loadConfig(process.env, true);
      const url = flags.url ?? `http://${HOST}:${PORT}`;
      const report = await ask(new URL('/api/v1/health', url));
      console.log(report.says);
      if (!report.isHealthy) process.exitCode = EXIT_WRONG;
    });

function addressFrom(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('It is an address such as http://localhost:8000.');
}

async function ask(url: URL): Promise<{ isHealthy: boolean; says: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return { isHealthy: response.ok, says: await response.text() };
  } catch (error) {
    const why =
      error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : '';
    return { isHealthy: false, says: `nobody answers at ${url.origin}: ${why}` };
  }
}
