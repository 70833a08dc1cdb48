/** What may stand under `config` in the chart's values: the program's own settings, as JSON schema, so that helm refuses a wrong one. */
import { SETTINGS } from '../../src/main/config.ts';
import type { Setting } from '../../src/main/settings.ts';

/** Settings that the templates give each pod themselves; another place to say them would be one too many. */
const GIVEN_BY_TEMPLATES = [
  'ROLE',
  'NODE_NAME',
  'HOST',
  'PORT',
  'DATA_DIR',
  'DRAIN_MS',
  'WORKERS', // more pods, not more processes in one
  'TLS_CERT_FILE',
  'TLS_KEY_FILE',
  'CHECKPOINT_DIR',
  'CHECKPOINT_KEY_FILE',
  'CHECKPOINT_TO',
  'BACKUP_TO',
  'BACKUP_KEY_FILE',
  'BACKUP_KEEP_DAYS',
];

/** Half a password, and what may hold a token: they come from the Secret too. */
const KEPT_WITH_SECRETS = ['S3_ACCESS_KEY_ID', 'OTEL_EXPORTER_OTLP_HEADERS'];

/** What the Secret may hold beside the settings that are marked as secret: the contents of key files. */
const KEY_FILES = ['BACKUP_KEY', 'CHECKPOINT_KEY'];

type Schema = Readonly<Record<string, unknown>>;

/** Every key that a Secret of a deployment may have. */
export const secretNames = (): readonly string[] => [
  ...Object.entries<Setting<unknown>>(SETTINGS)
    .filter(([, setting]) => setting.isSecret)
    .map(([name]) => name),
  ...KEPT_WITH_SECRETS,
  ...KEY_FILES,
];

/** The schema of `config`: no secret, nothing that the chart says itself, and nothing unknown. */
export function configSchema(): Schema {
  const elsewhere = new Set([...secretNames(), ...GIVEN_BY_TEMPLATES]);
  const plain = Object.entries<Setting<unknown>>(SETTINGS).filter(([name]) => !elsewhere.has(name));
  const settings = plain.map(([name, setting]) => [
    name,
    { description: setting.says, ...kindOf(name, setting) },
  ]);
  return {
    type: 'object',
    required: ['KAFKA_BROKERS'],
    additionalProperties: false,
    properties: Object.fromEntries(settings),
  };
}

/** From the words in which a setting says what it takes. Text may also be a number that YAML made of it. */
function kindOf(name: string, { takes }: Setting<unknown>): Schema {
  const whole = /^a whole number from (\d+) to (\d+)$/.exec(takes);
  if (whole !== null) return { type: 'integer', minimum: Number(whole[1]), maximum: Number(whole[2]) };
  const number = /^a number from 0 to ([\d.]+)$/.exec(takes);
  if (number !== null) return { type: 'number', minimum: 0, maximum: Number(number[1]) };
  if (takes === '`true`, `false`') return { type: 'boolean' };
  if (takes.startsWith('`')) return { enum: [...takes.matchAll(/`([^`]+)`/g)].map((match) => match[1]) };
  if (takes.startsWith('text')) return { type: 'string' };
  throw new Error(`${name} takes "${takes}", which is not known here`);
}
