/** Names in the environment that are nearly, but not quite, a setting's: nobody reads them, and nobody says so. */
import { SETTINGS } from '../config.ts';
import { type Environment, fileOf } from '../setting-files.ts';

export interface Misspelt {
  readonly name: string;
  readonly meant: string;
}

const NAMES = Object.keys(SETTINGS).flatMap((name) => [name, fileOf(name)]);
const KNOWN: ReadonlySet<string> = new Set(NAMES);
/** What many programs read, and is near enough to a name of ours. */
const OTHERS: ReadonlySet<string> = new Set([
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SSL_KEY_FILE',
  'SHARE',
  'ITIRP_PG_BIN',
]);
/** What some put before names that are ours alone. */
const PREFIX = /^ITIRP[_-]/i;

/** Each with the setting that was meant, as far as one can tell. */
export function misspeltIn(environment: Environment): readonly Misspelt[] {
  return Object.keys(environment).flatMap((name) => {
    if (KNOWN.has(name) || OTHERS.has(name) || environment[name] === '') return [];
    const meant = meantBy(name);
    return meant === undefined ? [] : [{ name, meant }];
  });
}

/** Another case, our own prefix, hyphens, or a slip of the fingers: one in a short name, two in a long one. */
function meantBy(name: string): string | undefined {
  const plain = name.replace(PREFIX, '').replaceAll('-', '_').toUpperCase();
  if (KNOWN.has(plain)) return isCommon(name) ? undefined : plain;
  const slips = plain.length < 5 ? 0 : plain.length < 10 ? 1 : 2;
  return NAMES.find((known) => known.length >= 5 && distance(plain, known, slips) <= slips);
}

/** `host`, `port` and `role` in small letters are many programs' own. */
const isCommon = (name: string): boolean => /^[a-z]{1,5}$/.test(name);

/** Letters left out, put in, exchanged or swapped between two names; anything over `most` is as good as far. */
function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwap = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const ways = [(last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1)];
      if (isSwap) ways.push((before[j - 2] ?? Number.POSITIVE_INFINITY) + 1);
      row.push(Math.min(...ways));
    }
    before = last;
    last = row;
  }
  return last[other.length] ?? most + 1;
}
