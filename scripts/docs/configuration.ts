/** The page of every setting, from the table in the code. */
import { SETTINGS } from '../../src/main/config.ts';
import type { Setting } from '../../src/main/settings.ts';
import { code, GENERATED, table } from './markdown.ts';

const INTRODUCTION = `# Configuration

Every setting is an environment variable; an empty value counts as none. They come from one table,
[config.ts](../src/main/config.ts), and are checked at the start: a wrong one stops it, with one message that names all that
is wrong. The flags of \`itirp serve\` are settings under another name, and win over the environment.

Each may be given in a file instead, as \`NAME_FILE\`: the path of a file that holds the value, as \`SECRET_KEY_FILE\` or
\`POSTGRES_URL_FILE\`. One line break at its end is cut off. A setting that is given both ways, or a file that is missing,
unreadable or empty, is a refusal to start. Settings whose own names end so, as \`TLS_KEY_FILE\`, name files that stay
files. What is marked secret is best given this way: a file can be kept from others, and environments show up in crash
reports and in the listings of containers.

Outside demo mode a missing, short or well-known \`SECRET_KEY\` is a refusal to start.`;

export function configurationPage(): string {
  const settings = Object.entries<Setting<unknown>>(SETTINGS);
  const rows = settings.map(([name, { fallback, takes, says }]) => [
    code(name),
    says,
    takes,
    defaultOf(fallback),
  ]);
  return `${GENERATED}\n${INTRODUCTION}\n\n${table(['name', 'what it sets', 'takes', 'default'], rows)}\n`;
}

function defaultOf(fallback: unknown): string {
  if (typeof fallback === 'string') return code(fallback);
  if (typeof fallback === 'number' || typeof fallback === 'boolean') return code(`${fallback}`);
  return 'none'; // undefined, or an empty list
}
