/** `name=value,…`, percent-encoded, as the OTEL_ settings have it. */

/** As it is written: what is no pair is passed over. */
export function writtenPairs(text = ''): readonly (readonly [name: string, value: string])[] {
  return text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const];
  });
}

/** As it is meant. */
export const pairsOf = (text?: string): Readonly<Record<string, string>> =>
  Object.fromEntries(writtenPairs(text).map(([name, value]) => [name, decoded(value)]));

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign is one
  }
}
