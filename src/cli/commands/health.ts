/** `itirp health`: asks a running platform how it is; for people, and for a container's health check. */
import { readFileSync } from 'node:fs';
import { request as askPlain } from 'node:http';
import { request as askSecured } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { Command, InvalidArgumentError } from 'commander';
import { Fault } from '../../faults/fault.ts';
import type { Config } from '../../main/config.ts';
import { loadConfig } from '../../main/load-config.ts';
import { EXIT_WRONG } from '../ending.ts';

interface HealthFlags {
  readonly url?: string;
  readonly ca?: string;
}

interface Answer {
  /** Of HTTP; 0: nobody answered. */
  readonly status: number;
  readonly says: string;
}

const PATIENCE_MS = 5_000;

export const healthCommand = (): Command =>
  new Command('health')
    .description('ask a running platform how it is; exit code 1 when it is not healthy')
    .option(
      '--url <url>',
      'where it listens (default: HOST and PORT, with https where TLS_CERT_FILE is set)',
      addressFrom,
    )
    .option('--ca <file>', 'the authority of its certificate, for an https:// of --url (PEM)')
    .action(async ({ url, ca }: HealthFlags) => {
      const answer =
        url === undefined ? await askOurselves(loadConfig(process.env, true)) : await ask(url, trusting(ca));
      console.log(answer.says);
      if (answer.status !== 200) process.exitCode = EXIT_WRONG;
    });

function addressFrom(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('It is an address such as http://localhost:8000.');
}

/**
 * The platform of these settings, on this machine. Its certificate is another name's than this machine's, and nothing is
 * told that a stranger must not hear: it is not checked.
 */
function askOurselves({ HOST: host, PORT: port, TLS_CERT_FILE: cert }: Config): Promise<Answer> {
  const near = NEAREST[host] ?? host;
  const named = near.includes(':') ? `[${near}]` : near;
  const origin = `${cert === undefined ? 'http' : 'https'}://${named}:${port}`;
  return ask(origin, { rejectUnauthorized: false });
}

/** Who listens on all addresses is asked at the one that leaves no machine. */
const NEAREST: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** @throws Fault ARGUMENT_INVALID */
function trusting(file: string | undefined): ConnectionOptions {
  if (file === undefined) return {};
  try {
    return { ca: readFileSync(file) };
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw new Fault('ARGUMENT_INVALID', `--ca: ${why}`, { cause: error });
  }
}

/** How the platform is; of a process that serves no API, whether it is ready. */
async function ask(origin: string, secured: ConnectionOptions): Promise<Answer> {
  const answer = await get(new URL('/api/v1/health', origin), secured);
  return answer.status === 404 ? await get(new URL('/readyz', origin), secured) : answer;
}

async function get(url: URL, secured: ConnectionOptions): Promise<Answer> {
  try {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const options = { ...secured, agent: false, signal: AbortSignal.timeout(PATIENCE_MS) };
    const request = url.protocol === 'https:' ? askSecured(url, options) : askPlain(url, options);
    request.on('error', reject).on('response', (response) => {
      const { statusCode: status = 0 } = response;
      const parts: string[] = [];
      response.setEncoding('utf8').on('data', (part: string) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ status, says: parts.join('') }));
    });
    request.end();
    return await promise;
  } catch (error) {
    if (isDistrust(error)) {
      const remedy = 'name its authority with --ca FILE';
      return {
        status: 0,
        says: `the certificate of ${url.origin} is not trusted (${error.code}): ${remedy}`,
      };
    }
    return { status: 0, says: `nobody answers at ${url.origin}: ${whyOf(error)}` };
  }
}

/** Of who answers, and cannot show who vouches for it. */
const isDistrust = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error &&
  'code' in error &&
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY|GET)_.*)$/.test(
    String(error.code),
  );

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'AbortError') return `not within ${PATIENCE_MS / 1_000} seconds`;
  return error.message;
}
