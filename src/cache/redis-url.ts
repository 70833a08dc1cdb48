/** REDIS_URL, taken apart: one server, Sentinels that know the master's address, or nodes of a Cluster. */
import { Fault } from '../faults/fault.ts';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is and how to come in. */
export interface RedisPlace {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  /** At least one; of `single` exactly one. */
  readonly nodes: readonly [RedisNode, ...RedisNode[]];
  readonly isTls: boolean;
  /** PEM file of the authority that signed the servers' certificates; undefined: the usual ones. */
  readonly authorityFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** What the Sentinels call the master; empty but for `sentinel`. */
  readonly masterName: string;
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
}

const SHAPE =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<who>[^@/]*)@)?(?<hosts>[^/?@]+)(?:\/(?<path>[^?]*))?(?:\?(?<query>.*))?$/;
const HOST = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]]+))(?::(?<port>\d{1,5}))?$/;
const PORTS = { single: 6379, sentinel: 26_379, cluster: 6379 } as const;
const OPTIONS = ['ca', 'sentinel_username', 'sentinel_password'];

/** Passwords never get into what is said. */
const wrong = (says: string): Fault => new Fault('CONFIG_INVALID', `REDIS_URL ${says}`);

/**
 * Reads `redis://[user:password@]host[:port][/db]`, the same with `rediss://` (TLS),
 * `redis+sentinel://host:port,host:port/master[/db]` and `redis+cluster://host:port,host:port`. In the query: `ca`, a PEM
 * file; `sentinel_username` and `sentinel_password`, where the Sentinels ask for them.
 * @throws Fault CONFIG_INVALID
 */
export function redisPlaceOf(url: string): RedisPlace {
  const { scheme, kind = 'single', who, hosts = '', path = '', query = '' } = SHAPE.exec(url)?.groups ?? {};
  if (scheme === undefined) {
    throw wrong('is none of redis://, rediss://, redis+sentinel://H:P,H:P/NAME, redis+cluster://H:P,H:P');
  }
  const form = kind as RedisPlace['kind'];
  const [first, ...others] = hosts.split(',').map((text) => nodeOf(text, PORTS[form]));
  if (first === undefined || (form === 'single' && others.length > 0)) {
    throw wrong('names several servers: that is for redis+sentinel:// and redis+cluster://');
  }
  const options = new URLSearchParams(query);
  for (const name of options.keys()) {
    if (!OPTIONS.includes(name)) throw wrong(`has an option that is none of ${OPTIONS.join(', ')}`);
  }
  return {
    kind: form,
    nodes: [first, ...others],
    isTls: scheme === 'rediss',
    authorityFile: options.get('ca') ?? undefined,
    ...credentialsOf(who),
    ...pathOf(form, path),
    sentinelUsername: options.get('sentinel_username') ?? undefined,
    sentinelPassword: options.get('sentinel_password') ?? undefined,
  };
}

function nodeOf(text: string, usualPort: number): RedisNode {
  const { six, host = six, port } = HOST.exec(text)?.groups ?? {};
  const number = port === undefined ? usualPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535)
    throw wrong('has a host that is no HOST or HOST:PORT');
  return { host, port: number };
}

function credentialsOf(who: string | undefined): Pick<RedisPlace, 'username' | 'password'> {
  if (who === undefined || who === '') return { username: undefined, password: undefined };
  const colon = who.indexOf(':');
  if (colon < 0) throw wrong('has a user without a password: write user:password@ or :password@');
  try {
    const username = decodeURIComponent(who.slice(0, colon));
    const password = decodeURIComponent(who.slice(colon + 1));
    return { username: username === '' ? undefined : username, password };
  } catch {
    throw wrong('has a user or password that is not percent-encoded');
  }
}

function pathOf(kind: RedisPlace['kind'], path: string): Pick<RedisPlace, 'masterName' | 'database'> {
  const parts = path === '' ? [] : path.split('/');
  const masterName = kind === 'sentinel' ? (parts.shift() ?? '') : '';
  if (kind === 'sentinel' && masterName === '')
    throw wrong("lacks the master's name: redis+sentinel://H:P/NAME");
  const [database = '0', ...rest] = parts;
  if (rest.length > 0 || !/^\d{1,4}$/.test(database)) throw wrong('has a path that is no database number');
  if (kind === 'cluster' && database !== '0') throw wrong('names a database: a Cluster has but number 0');
  return { masterName, database: Number(database) };
}

/** For people: where, and never who. */
export const placeText = ({ nodes, masterName }: RedisPlace): string =>
  nodes.map(({ host, port }) => `${host}:${port}`).join(',') + (masterName === '' ? '' : `/${masterName}`);
