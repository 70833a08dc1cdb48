/** The page of every setting, from the table in the code. */
import { SETTINGS } from '../../src/main/config.ts';
import type { Setting } from '../../src/main/settings.ts';
import { code, GENERATED, table } from './markdown.ts';

const INTRODUCTION = `# Configuration

Every setting is an environment variable; an empty value counts as none. They come from one table,
[config.ts](../src/main/config.ts), and are checked at the start: a wrong one stops it, with one message that names all that
is wrong. The flags of \`itirp serve\` are settings under another name, and win over the environment.

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
