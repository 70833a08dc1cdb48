/** From environment variables to settings that hold: read one by one, then judged together. */
import { Fault } from '../faults/fault.ts';
import { type Config, SETTINGS } from './config.ts';
import { contradictions } from './contradictions.ts';

/**
 * Reads the settings from `environment`, an empty value counting as none. `isTool`: for a command that only looks
 * after the data, so that neither a secret nor a role is asked for.
 * @throws Fault CONFIG_INVALID, naming all that is wrong at once
 */
export function loadConfig(
  environment: Readonly<Record<string, string | undefined>>,
  isTool = false,
): Config {
  const wrong: string[] = [];
  const values = Object.entries(SETTINGS).map(([name, setting]) => {
    const given = environment[name];
    if (given === undefined || given === '') return [name, setting.fallback] as const;
    const read = setting.read(given);
    if (read.wrong !== undefined) wrong.push(`${name} ${read.wrong}`);
    return [name, read.wrong === undefined ? read.value : setting.fallback] as const;
  });
  const config = Object.fromEntries(values) as unknown as Config;
  wrong.push(...contradictions(config, isTool));
  if (wrong.length > 0) throw new Fault('CONFIG_INVALID', wrong.join('; '));
  return config;
}
