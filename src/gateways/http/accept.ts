/** What a client would rather have, from its `Accept` header: a page for people, or data for a program. */

/** How much `type` is wanted, 0 to 1; undefined where the header does not name it. */
function weightOf(accept: string, type: string): number | undefined {
  for (const range of accept.split(',')) {
    const [name, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (name !== type) continue;
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    return weight >= 0 && weight <= 1 ? weight : 0;
  }
  return undefined;
}

/** Only who names HTML, and JSON less or not at all, is a browser: `*` is what programs send. */
export function prefersHtml(accept = ''): boolean {
  const html = weightOf(accept, 'text/html') ?? 0;
  return html > (weightOf(accept, 'application/json') ?? 0);
}
