/** From environment variables to settings that hold: read one by one, then judged together. */
import { Fault } from '../faults/fault.ts';
import { type Config, SETTINGS } from './config.ts';
import { contradictions } from './contradictions.ts';
import { type Environment, givenText } from './setting-files.ts';

/** Settings, as far as they hold, and one sentence for each thing that is wrong with them. */
export interface JudgedConfig {
  readonly config: Config;
  readonly wrong: readonly string[];
}

/**
 * Reads the settings from `environment`, an empty value counting as none. `isTool`: for a command that only looks
 * after the data, so that neither a secret nor a role is asked for.
 * @throws Fault CONFIG_INVALID, naming all that is wrong at once
 */
export function loadConfig(environment: Environment, isTool = false): Config {
  const { config, wrong } = judgeConfig(environment, isTool);
  if (wrong.length > 0) throw new Fault('CONFIG_INVALID', wrong.join('; '));
  return config;
}

/** As {@link loadConfig}, for who wants to look on: a setting that is wrong has its default. */
export function judgeConfig(environment: Environment, isTool: boolean): JudgedConfig {
  const wrong: string[] = [];
  const unread: string[] = [];
  const values = Object.entries(SETTINGS).map(([name, setting]) => {
    const given = givenText(environment, name);
    if (given.wrong !== undefined) {
      wrong.push(given.wrong);
      unread.push(name);
    }
    if (given.text === undefined) return [name, setting.fallback] as const;
    const read = setting.read(given.text);
    if (read.wrong !== undefined) wrong.push(`${name} ${read.wrong}`);
    return [name, read.wrong === undefined ? read.value : setting.fallback] as const;
  });
  const config = Object.fromEntries(values) as unknown as Config;
  const isToldAlready = (says: string): boolean =>
    unread.some((name) => says.startsWith(`${name} is missing`));
  wrong.push(...[...contradictions(config, isTool)].filter((says) => !isToldAlready(says)));
  return { config, wrong };
}
