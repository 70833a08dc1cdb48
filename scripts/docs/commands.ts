/** The operator's commands as the program has them, to hold what pages and units call against. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';

export interface Known {
  /** `user add`; a command that has others below it stands here too. */
  readonly words: string;
  /** Its options, `--json` and the like. */
  readonly flags: readonly string[];
  /** Whether words other than flags may follow. */
  readonly takesWords: boolean;
}

/** Every command of `src/cli/commands`. */
export async function knownCommands(root: string): Promise<readonly Known[]> {
  const folder = join(root, 'src', 'cli', 'commands');
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.includes('.test.'));
  const made = await Promise.all(files.map((name) => commandsOf(join(folder, name))));
  return made.flat().flatMap((command) => flatten(command, ''));
}

async function commandsOf(file: string): Promise<readonly Command[]> {
  const exported = (await import(file)) as Readonly<Record<string, unknown>>;
  return Object.entries(exported)
    .filter(([name, value]) => name.endsWith('Command') && typeof value === 'function')
    .map(([, make]) => (make as () => Command)());
}

function flatten(command: Command, before: string): readonly Known[] {
  const words = `${before} ${command.name()}`.trim();
  const flags = command.options.map(({ long }) => long ?? '');
  const takesWords = command.registeredArguments.length > 0;
  return [{ words, flags, takesWords }, ...command.commands.flatMap((each) => flatten(each, words))];
}

/** What is wrong with `call`, the words after `itirp`; undefined when the program would take it. */
export function wrongCall(call: string, known: readonly Known[]): string | undefined {
  const words = call.trim().split(/\s+/);
  const command = known
    .filter((each) => words.slice(0, each.words.split(' ').length).join(' ') === each.words)
    .toSorted((a, b) => b.words.length - a.words.length)[0];
  if (command === undefined) return `there is no itirp ${words[0]}`;
  const rest = words.slice(command.words.split(' ').length);
  const unknown = rest
    .filter((word) => word.startsWith('--'))
    .map((word) => word.split('=')[0] ?? '')
    .find((flag) => flag !== '--help' && !command.flags.includes(flag));
  return unknown === undefined ? undefined : `itirp ${command.words} has no ${unknown}`;
}

/**
 * The calls that `page` shows: in blocks for a shell, at a prompt in other blocks, and in code spans; without what is
 * piped or said after them.
 */
export function callsIn(page: string): readonly string[] {
  const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language, text]) =>
    language === 'sh'
      ? (text ?? '')
      : [...(text ?? '').matchAll(/^\$ (.+)$/gm)].map(([, line]) => line).join('\n'),
  );
  const spans = [...page.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, text]) => text ?? '',
  );
  // Where a command begins: `-n itirp` is a namespace, `install itirp` a name.
  const call =
    /(?:^\s*|npx |-- |&& |\| |; |\(|bin\/|sudo |[A-Z_]+=\S+ )itirp(?:\.js)? ([a-z][a-z-]*(?: [^\n|;#&>)…]*)?)/gm;
  return [...blocks, ...spans].flatMap((text) =>
    [...text.matchAll(call)].map(([, words]) => (words ?? '').trim()),
  );
}
