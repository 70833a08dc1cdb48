/** Do traces arrive where they are sent, is what opens that door kept from others, and are there not too many? */
import { messageOf } from '../../database/outage.ts';
import { type Config, isDemoMode } from '../config.ts';
import { decoded, pairsOf } from '../pairs.ts';
import { destinationOf, ratioOf } from '../tracing.ts';
import { type Examination, type Finding, ok, warn } from './finding.ts';
import { hostsIn, isNear, passwordIn } from './wires.ts';

const TRACES = 'traces';
const ANSWER_MS_MAX = 5_000;

/** Never bad: orders need no traces. */
export const examineTraces: Examination = async ({ config }) => {
  const destination = destinationOf(config);
  if (destination === undefined) return [ok(TRACES, 'nobody asks for any')];
  const { to, url } = destination;
  const reached = to === 'console' ? [ok(TRACES, 'they go to the console')] : [await ask(url, config)];
  return [...reached, ...(to === 'console' ? [] : judgeHeaders(url, config)), ...judgeRatio(config)];
};

/** A request without a span in it, written as spans would be: a collector takes it, and keeps nothing. */
async function ask(url: string, config: Config): Promise<Finding> {
  const isJson = config.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json';
  try {
    const { plainUrl, headers } = signedIn(url);
    const told = Object.entries(pairsOf(config.OTEL_EXPORTER_OTLP_HEADERS));
    for (const [name, value] of told) headers.set(name, value);
    headers.set('content-type', isJson ? 'application/json' : 'application/x-protobuf');
    const answer = await fetch(plainUrl, {
      method: 'POST',
      headers,
      body: isJson ? '{"resourceSpans":[]}' : new Uint8Array(),
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    await answer.body?.cancel();
    return judgeAnswer(whereOf(url), answer.status);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const says = `the collector at ${whereOf(url)} does not answer: ${messageOf(cause)}`;
    return warn(TRACES, says, 'start it, or set OTEL_EXPORTER_OTLP_ENDPOINT right');
  }
}

/** As the exporter does it: a user in the URL signs in, unless a header says who comes. `fetch` refuses such a URL. */
function signedIn(url: string): { readonly plainUrl: URL; readonly headers: Headers } {
  const plainUrl = new URL(url);
  const { username, password } = plainUrl;
  plainUrl.username = '';
  plainUrl.password = '';
  const login = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
  const isNamed = username !== '' || password !== '';
  return { plainUrl, headers: new Headers(isNamed ? { authorization: `Basic ${login}` } : {}) };
}

export function judgeAnswer(where: string, status: number): Finding {
  if (status >= 200 && status < 300) return ok(TRACES, `the collector at ${where} takes them`);
  const says = `the collector at ${where} answers ${status}`;
  if (status === 401 || status === 403) {
    return warn(TRACES, says, 'set OTEL_EXPORTER_OTLP_HEADERS right, or user and password in the URL');
  }
  const remedy = 'lead OTEL_EXPORTER_OTLP_ENDPOINT to the port that takes OTLP over HTTP, as a rule 4318';
  return warn(TRACES, says, remedy);
}

/** Without what a URL may say of a user. */
const whereOf = (url: string): string => new URL(url).host;

function* judgeHeaders(url: string, { OTEL_EXPORTER_OTLP_HEADERS: headers }: Config): Generator<Finding> {
  if (url.startsWith('https:') || hostsIn(url).every(isNear)) return;
  const remedy = 'write https:// in OTEL_EXPORTER_OTLP_ENDPOINT';
  if (headers !== undefined)
    yield warn(TRACES, 'OTEL_EXPORTER_OTLP_HEADERS goes over a network without TLS', remedy);
  if (passwordIn(url) !== undefined)
    yield warn(TRACES, 'the password in the collector’s URL goes over a network without TLS', remedy);
}

function* judgeRatio(config: Config): Generator<Finding> {
  if (ratioOf(config) < 1 || isDemoMode(config)) return;
  const remedy = 'OTEL_TRACES_SAMPLER=traceidratio, and OTEL_TRACES_SAMPLER_ARG=0.05';
  yield warn(TRACES, 'every order is traced: that costs time and room', remedy);
}
