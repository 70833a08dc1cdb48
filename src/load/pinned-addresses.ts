/** Names that were looked up once and judged, and lead nowhere else from then on: a name may change between two looks. */

import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** As `dns.lookup`, with what `addresses` says of the names in it. */
export function pinnedLookup(addresses: ReadonlyMap<string, readonly LookupAddress[]>): LookupFunction {
  return (name, options, answer) => {
    const known = addresses.get(name);
    const [first] = known ?? [];
    if (known === undefined || first === undefined) return lookup(name, options, answer);
    if (options.all === true) return answer(null, [...known]);
    return answer(null, first.address, first.family);
  };
}
