/** Is it the Redis that was asked for? What its INFO says, and what its errors mean. */
import { Fault } from '../faults/fault.ts';
import type { RedisPlace } from './redis-url.ts';

const VERSION_MIN = 7;

/**
 * The name of this run of the server, another one after every restart.
 * @throws Fault CONFIG_INVALID: too old, a replica, or not of the kind that the URL says
 */
export function checkServer({ kind }: Pick<RedisPlace, 'kind'>, info: string): string {
  const says = new Map(
    info.split('\r\n').map((line) => [line.split(':', 1)[0] ?? '', line.replace(/^[^:]*:/, '')]),
  );
  const version = says.get('redis_version') ?? '';
  if (!(Number.parseInt(version, 10) >= VERSION_MIN)) {
    throw wrong(`version ${VERSION_MIN} or later is needed, and this is Redis ${version}`);
  }
  const isCluster = says.get('cluster_enabled') === '1';
  if (isCluster && kind !== 'cluster') throw wrong('this is a node of a Cluster: write redis+cluster://');
  if (!isCluster && kind === 'cluster') throw wrong('this is no Cluster: write redis://');
  if (kind === 'single' && says.get('role') === 'slave') {
    throw wrong('this is a read-only replica: name its master, or the Sentinels');
  }
  return says.get('run_id') ?? '';
}

const wrong = (says: string): Fault => new Fault('CONFIG_INVALID', `REDIS_URL: ${says}`);

const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /WRONGPASS|invalid username-password|invalid password|without any password configured/i,
    'Redis refuses the user or password',
  ],
  [/NOAUTH|Authentication required/i, 'Redis asks for a password'],
  [
    /NOPERM/i,
    'the user may not do what is needed: commands INFO, EVAL, GET, SET, DEL, PUBLISH, SUBSCRIBE and HELLO',
  ],
  [/DB index is out of range/i, 'Redis has no database of that number'],
  [/cluster support disabled/i, 'this is no Cluster: write redis://'],
  [
    /unable to verify|self[- ]signed|certificate|altnames/i,
    "the server's certificate is not trusted: name its authority with ?ca=FILE",
  ],
  [/No such master with that name/i, 'the Sentinels know no master of that name'],
];

/** What an operator has to put right, in words; undefined: nothing, it is an outage. */
export function misconfiguration(error: unknown): string | undefined {
  if (error instanceof Fault)
    return error.code === 'CONFIG_INVALID' ? error.detail?.replace('REDIS_URL: ', '') : undefined;
  if (!(error instanceof Error)) return undefined;
  const text = `${error.message} ${'code' in error ? String(error.code) : ''}`;
  const meaning = MEANINGS.find(([pattern]) => pattern.test(text))?.[1];
  if (meaning !== undefined) return meaning;
  return misconfiguration('lastNodeError' in error ? error.lastNodeError : error.cause);
}
