/** Where the URLs of settings lead, with what password, and whether anybody could listen on the way. */

/** Every host that a URL names. One of PostgreSQL may name it in its query, also as the folder of a socket. */
export function hostsIn(url: string): readonly string[] {
  const named = queryOf(url).get('host') ?? /^[a-z0-9+]+:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(url)?.[1] ?? '';
  return named.split(',').map((host) => host.replace(/:\d+$/, ''));
}

/** This machine: by its loopback address, by a socket, or because nothing else is named. */
export const isNear = (host: string): boolean =>
  host === '' || host.startsWith('/') || /^(localhost|127\.[\d.]+|\[?::1\]?)$/i.test(host);

/** As it is written; undefined: there is none. In a query it wins, as it does for `pg`. */
export function passwordIn(url: string): string | undefined {
  const inLogin = /^[^/]*\/\/[^/?#]*?:([^/?#]*)@/.exec(url)?.[1];
  return queryOf(url).get('password') || inLogin || undefined;
}

/** Does a URL of PostgreSQL ask for TLS? */
export function asksForTls(url: string): boolean {
  const words = queryOf(url);
  const mode = words.get('sslmode');
  if (mode !== null) return ['require', 'verify-ca', 'verify-full'].includes(mode);
  return ['sslrootcert', 'sslcert', 'sslkey'].some((word) => words.has(word));
}

/** Does it name a certificate of the user's own, with which he signs in? */
export const hasClientCertificate = (url: string): boolean => queryOf(url).has('sslcert');

const queryOf = (url: string): URLSearchParams =>
  new URLSearchParams(/^[^?#]*\?([^#]*)/.exec(url)?.[1] ?? '');
