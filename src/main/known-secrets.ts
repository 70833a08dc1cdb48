/** Every secret that this process was given, to be taken out of whatever it says. */
import { type Config, SETTINGS } from './config.ts';
import { decoded, writtenPairs } from './pairs.ts';
import type { Setting } from './settings.ts';

/** What stands where a secret stood. */
const REDACTED = '[redacted]';
/** What is shorter stands in ordinary words, which would be torn; and it keeps nobody out. */
const LENGTH_MIN = 6;

/** The values of secret settings, and the passwords within any that is an address; the longest first. */
export function secretsIn(config: Config): readonly string[] {
  const settings = Object.entries<Setting<unknown>>(SETTINGS).flatMap(([name, { isSecret }]) => {
    const value = config[name as keyof Config];
    if (typeof value !== 'string') return [];
    return isSecret === true ? [value, ...passwordsIn(value)] : passwordsIn(value);
  });
  const texts = [...settings, ...headersIn(config.OTEL_EXPORTER_OTLP_HEADERS)];
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

/** The value of each header: as it is written, as it is sent, and the credentials in it without their scheme. */
function headersIn(list: string | undefined): readonly string[] {
  return writtenPairs(list).flatMap(([, written]) => {
    const sent = decoded(written);
    const [, scheme = '', credentials] = /^(\S+) +(\S.*)$/.exec(sent) ?? [];
    if (credentials === undefined) return [written, sent];
    const login = /^basic$/i.test(scheme) ? Buffer.from(credentials, 'base64').toString() : ':';
    return [written, sent, credentials, login, login.slice(login.indexOf(':') + 1)];
  });
}
