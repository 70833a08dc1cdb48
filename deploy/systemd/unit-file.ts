/** A systemd unit as lists of directives: enough to hold what ours say against the program. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface UnitFile {
  readonly name: string;
  /** Every value that is given to `directive` in `section`, in order. */
  readonly valuesOf: (section: string, directive: string) => readonly string[];
  /** The `[Service]` part, line by line, without comments. */
  readonly service: readonly string[];
}

const HERE = import.meta.dirname;

/** The units and drop-ins that lie here. */
export const unitFiles = (): readonly UnitFile[] =>
  readdirSync(HERE)
    .filter((name) => /\.(service|timer|conf)$/.test(name) && !name.endsWith('.sysusers.conf'))
    .sort()
    .map((name) => parse(name, readFileSync(join(HERE, name), 'utf8')));

export function parse(name: string, text: string): UnitFile {
  const sections = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || /^[#;]/.test(line)) continue;
    const opened = /^\[(.+)\]$/.exec(line)?.[1];
    if (opened !== undefined) section = opened;
    else sections.set(section, [...(sections.get(section) ?? []), line]);
  }
  return {
    name,
    service: sections.get('Service') ?? [],
    valuesOf: (wanted, directive) =>
      (sections.get(wanted) ?? [])
        .filter((line) => line.startsWith(`${directive}=`))
        .map((line) => line.slice(directive.length + 1)),
  };
}

/** The settings in the text of an environment file, those that are in force. */
export const settingsIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));

/**
 * What the program is told by `units`, a service and its drop-ins: their own words, those of the environment file over them,
 * and none of those that are taken away. `specifiers`: what %i and others stand for.
 */
export function environmentOf(
  units: readonly UnitFile[],
  file: Readonly<Record<string, string>>,
  specifiers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const given = (directive: string): readonly string[] =>
    units.flatMap((unit) => unit.valuesOf('Service', directive));
  const own = settingsIn(given('Environment').join('\n'));
  const said = Object.entries(own).map(([name, value]) => [
    name,
    value.replace(/%(\w)/g, (whole, letter: string) => specifiers[letter] ?? whole),
  ]);
  const taken = new Set(given('UnsetEnvironment').flatMap((names) => names.split(' ')));
  const all = Object.entries({ ...Object.fromEntries(said), ...file } as Record<string, string>);
  return Object.fromEntries(all.filter(([name]) => !taken.has(name)));
}
