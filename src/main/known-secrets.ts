/** Every secret that this process was given, to be taken out of whatever it says. */
import { type Config, SETTINGS } from './config.ts';
import type { Setting } from './settings.ts';

/** What stands where a secret stood. */
const REDACTED = '[redacted]';
/** What is shorter stands in ordinary words, which would be torn; and it keeps nobody out. */
const LENGTH_MIN = 6;

/** The values of secret settings, and the passwords within those that are addresses; the longest first. */
export function secretsIn(config: Config): readonly string[] {
  const settings = Object.entries<Setting<unknown>>(SETTINGS).filter(([, { isSecret }]) => isSecret === true);
  const values = settings.map(([name]) => config[name as keyof Config]);
  const texts = values.flatMap((value) => (typeof value === 'string' ? [value, ...passwordsIn(value)] : []));
  const inJson = texts.map((text) => JSON.stringify(text).slice(1, -1)); // as a log writes them
  const secrets = [...new Set([...texts, ...inJson])].filter(({ length }) => length >= LENGTH_MIN);
  return secrets.sort((one, other) => other.length - one.length);
}

/** `text` without any of `secrets`. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);

/** As it is written, and as it is meant: in an address a password is percent-encoded. */
function passwordsIn(url: string): readonly string[] {
  const [, login] = /^[a-z+]+:\/\/([^/?#]*)@/i.exec(url) ?? [];
  const colon = login?.indexOf(':') ?? -1;
  const written = colon < 0 ? [] : [login?.slice(colon + 1) ?? ''];
  const inQuery = [...url.matchAll(/[?&][a-z_]*password=([^&#]*)/gi)].map(([, password]) => password ?? '');
  return [...written, ...inQuery].flatMap((password) => [password, decoded(password)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
