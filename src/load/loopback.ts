/** Is it this machine that a load would go to? */
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const isLoopbackAddress = (address: string): boolean =>
  LOOPBACK.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');

/** The name in `url`, without the brackets that a URL writes around an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** Each address that the name in `url` leads to now; none: it leads nowhere. */
export async function addressesOf(url: URL): Promise<readonly LookupAddress[]> {
  const host = hostOf(url);
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  return await lookup(host, { all: true }).catch(() => []);
}

/** A name that leads nowhere is not this machine. */
export const areLoopback = (addresses: readonly LookupAddress[]): boolean =>
  addresses.length > 0 && addresses.every(({ address }) => isLoopbackAddress(address));
