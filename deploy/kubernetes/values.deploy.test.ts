/** Values that are wrong: helm refuses them before anything is changed, and says what is wrong in words that help. */
import { beforeAll, describe, expect, test } from 'vitest';
import { goProgram } from './go-programs.ts';
import { type Given, notesOf, renderChart } from './rendering.ts';

beforeAll(async () => void (await goProgram('helm'))); // building it takes longer than a test may

const refused = async (values: Given['values']): Promise<string> =>
  await renderChart({ values }).then(
    () => 'it was taken',
    (error: Error) => error.message,
  );

describe('refused is', () => {
  test.each([
    ['a word that nobody reads', { replica: 3 }, "additional properties 'replica' not allowed"],
    ['one within', { api: { replica: 3 } }, "at '/api': additional properties 'replica' not allowed"],
    ['none of a role', { projector: { replicas: 0 } }, "at '/projector/replicas': minimum: got 0, want 1"],
    [
      'a setting that is not there',
      { config: { SHARDZ: 'a' } },
      "additional properties 'SHARDZ' not allowed",
    ],
    [
      'a setting of another kind',
      { config: { LOG_LEVEL: 'loud' } },
      "at '/config/LOG_LEVEL': value must be one of",
    ],
    [
      'a setting that is too large',
      { config: { ANSWER_WAIT_MS: 1e9 } },
      "at '/config/ANSWER_WAIT_MS': maximum",
    ],
    [
      'a secret among the settings',
      { config: { SECRET_KEY: 'abc' } },
      "additional properties 'SECRET_KEY' not",
    ],
    [
      'a token among them',
      { config: { OTEL_EXPORTER_OTLP_HEADERS: 'x=y' } },
      "properties 'OTEL_EXPORTER_OTLP_HEADERS' not allowed",
    ],
    ['what the templates say', { config: { DRAIN_MS: 5 } }, "additional properties 'DRAIN_MS' not allowed"],
    ['a digest that is none', { image: { digest: 'sha256:12' } }, "at '/image/digest'"],
    ['limits left out', { api: { resources: { limits: null } } }, "missing property 'limits'"],
    ['metrics for the world', { ingress: { paths: ['/'] } }, "at '/ingress/paths/0': value must be one of"],
    ['a backup to nowhere known', { backup: { to: 'ftp://x' } }, "at '/backup/to'"],
    [
      'the latest image',
      { image: { tag: 'latest' } },
      "an image's tag is latest: name a version or a digest",
    ],
    ['that of one role', { engine: { image: { tag: 'latest' } } }, "an image's tag is latest"],
    [
      'a tag beside a digest, which would say nothing',
      { image: { tag: '0.2.0', digest: `sha256:${'a'.repeat(64)}` } },
      'image has a tag and a digest',
    ],
    [
      'both for one role',
      { engine: { image: { tag: '0.2.0', digest: `sha256:${'a'.repeat(64)}` } } },
      'engine.image has a tag and a digest',
    ],
    [
      'brokers that no pod may reach',
      { config: { KAFKA_BROKERS: 'a:9092,b:9093' } },
      'names port 9093, which networkPolicy.kafka.ports does not let out to',
    ],
    ['no secrets', { secrets: { existingSecret: '' } }, 'secrets come from one place'],
    [
      'secrets from two places',
      { externalSecrets: { enabled: true } },
      'existingSecret and externalSecrets.enabled',
    ],
    [
      'a store without a name',
      { externalSecrets: { enabled: true } },
      'externalSecrets.store.name is missing',
    ],
    [
      'an ingress without TLS',
      { ingress: { enabled: true, host: 'a.b' } },
      'ingress needs host and tlsSecret',
    ],
    ['a backup without a place', { backup: { enabled: true } }, 'backup goes to one place'],
    [
      'fewer at most than at least',
      { api: { autoscaling: { maxReplicas: 2 } } },
      'minReplicas is above maxReplicas',
    ],
  ])('%s', async (_title, values, words) => {
    expect(await refused(values)).toContain(words);
  });

  test('all that contradicts, in one message', async () => {
    const message = await refused({
      secrets: { existingSecret: '' },
      ingress: { enabled: true },
      backup: { enabled: true },
    });
    expect(message).toMatch(/secrets come from.*ingress needs.*backup goes/s);
  });
});

describe('the notes', () => {
  test('say what is missing, and how to go on', async () => {
    const notes = await notesOf({});
    expect(notes).toContain('POSTGRES_URL SECRET_KEY REDIS_URL');
    expect(notes).toContain('exec -it itirp-engine-0 -- itirp user');
    expect(notes).toContain('No backups are taken');
    expect(notes).toContain('Nobody is called');
  });
  test('warn of nothing in production, and lead to its host', async () => {
    const notes = await notesOf({ file: 'production' });
    expect(notes).toContain('https://itirp.example.com/docs');
    expect(notes).not.toMatch(/^!/m);
  });
});
