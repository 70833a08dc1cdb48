/** A PostgreSQL URL taken apart: one host or several, and how TLS is spoken with them. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Fault } from '../faults/fault.ts';
import { messageOf } from './outage.ts';

export interface Address {
  /** One URL a host, in the order they were named; what is said of TLS is taken out. */
  readonly urls: readonly string[];
  /** `host:port,host:port`, for people. Holds no password. */
  readonly hosts: string;
  /** As `pg` takes it; undefined: the URL says nothing of TLS. */
  readonly ssl: ConnectionOptions | false | undefined;
}

/** Scheme, user with password, hosts, and the rest. */
const PARTS = /^(postgres(?:ql)?:\/\/)((?:[^/?#]*@)?)([^/?#]*)(.*)$/s;
const TLS_WORDS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;

/** @throws Fault CONFIG_INVALID: it is no URL of PostgreSQL, or what it says of TLS does not hold */
export function addressOf(url: string): Address {
  const [, scheme, login, hosts, rest] = PARTS.exec(url) ?? [];
  if (scheme === undefined || login === undefined || hosts === undefined || rest === undefined) {
    throw new Fault(
      'CONFIG_INVALID',
      'the URL of PostgreSQL does not read as postgres://USER:PASSWORD@HOST/NAME',
    );
  }
  const { path, ssl } = withoutTls(rest);
  const urls = hosts.split(',').map((host) => `${scheme}${login}${host}${path}`);
  const wrong = urls.findIndex((one) => !URL.canParse(one));
  if (wrong >= 0) {
    // What stands where hosts should may be the beginning of a password that was not encoded: then it is not shown.
    const named = login === '' ? '' : ` with "${hosts.split(',')[wrong]}"`;
    const remedy = 'in a user or a password write / as %2F, ? as %3F, # as %23, @ as %40';
    throw new Fault('CONFIG_INVALID', `the URL of PostgreSQL names no host and port${named}; ${remedy}`);
  }
  return { urls, hosts, ssl };
}

function withoutTls(rest: string): { path: string; ssl: Address['ssl'] } {
  const [path = '', query] = rest.split('?');
  const words = new URLSearchParams(query);
  if (!TLS_WORDS.some((word) => words.has(word))) return { path: rest, ssl: undefined };
  const [mode, root, certificate, key] = TLS_WORDS.map((word) => words.get(word) ?? undefined);
  for (const word of TLS_WORDS) words.delete(word);
  const left = words.toString();
  return {
    path: left === '' ? path : `${path}?${left}`,
    ssl: tlsOf(mode ?? 'verify-full', root === 'system' ? undefined : root, certificate, key),
  };
}

/** What libpq means by the words; without `sslrootcert` the certificates that come with Node are believed. */
function tlsOf(
  mode: string,
  root: string | undefined,
  certificate: string | undefined,
  key: string | undefined,
): ConnectionOptions | false {
  const files = {
    ca: fileOf('sslrootcert', root),
    cert: fileOf('sslcert', certificate),
    key: fileOf('sslkey', key),
  };
  const given = Object.fromEntries(Object.entries(files).filter(([, text]) => text !== undefined));
  switch (mode) {
    case 'disable':
      return false;
    case 'require': // encrypted; who answers is checked only against a root that is named
      return root === undefined ? { ...given, rejectUnauthorized: false } : { ...given, checkServerIdentity };
    case 'verify-ca':
      return { ...given, checkServerIdentity };
    case 'verify-full':
      return given;
    default:
      throw new Fault(
        'CONFIG_INVALID',
        `sslmode=${mode} in the URL of PostgreSQL; take disable, require, verify-ca or verify-full`,
      );
  }
}

/** The root vouches for the server; its name is not looked at. */
const checkServerIdentity = (): undefined => undefined;

function fileOf(word: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Fault('CONFIG_INVALID', `${word}=${path} in the URL of PostgreSQL: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
