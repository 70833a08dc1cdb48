/** Settings that are given in files, as NAME_FILE: so that a secret need not stand in an environment. */
import { readFileSync, statSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The text of a setting, undefined where there is none; or what is wrong with where it was to come from. */
export type Given =
  | { readonly text: string | undefined; readonly wrong?: undefined }
  | { readonly text?: undefined; readonly wrong: string };

/** A file larger than this is another one than was meant, in bytes. */
const SIZE_MAX = 65_536;

/** The variable that names the file of the setting `name`. */
export const fileOf = (name: string): string => `${name}_FILE`;

/** The text that `environment` gives the setting `name`, itself or by a file. An empty value counts as none. */
export function givenText(environment: Environment, name: string): Given {
  const text = environment[name] || undefined;
  const path = environment[fileOf(name)] || undefined;
  if (path === undefined) return { text };
  if (text !== undefined) return { wrong: `${name} and ${fileOf(name)} are both given: leave one out` };
  const read = readText(path);
  return read.wrong === undefined ? read : { wrong: `${fileOf(name)}: ${path} ${read.wrong}` };
}

/** `given` wins over `environment`, and over a file that the environment names for the same setting. */
export function overlaid(environment: Environment, given: Environment): Environment {
  const files = Object.keys(given).map(fileOf);
  const others = Object.entries(environment).filter(([name]) => !files.includes(name));
  return { ...Object.fromEntries(others), ...given };
}

function readText(path: string): Given {
  try {
    const facts = statSync(path);
    if (!facts.isFile()) return { wrong: 'is no file' };
    if (facts.size > SIZE_MAX) return { wrong: `is larger than ${SIZE_MAX} bytes` };
    const content = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    const text = content.replace(/\r?\n$/, '');
    return text === '' ? { wrong: 'is empty' } : { text };
  } catch (error) {
    return { wrong: whyUnread(error) };
  }
}

function whyUnread(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  if (error instanceof TypeError) return 'is not text';
  return `cannot be read (${code ?? 'unknown why'})`;
}
