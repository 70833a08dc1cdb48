/** Which texts are secrets, however they are written down, and that none is left. */
import { expect, test } from 'vitest';
import { secretsIn, withoutSecrets } from './known-secrets.ts';
import { loadConfig } from './load-config.ts';

const config = loadConfig(
  {
    SECRET_KEY: '3f0c9a4be1d27785a6b4c2d9e8f7a1b05c6d7e8f',
    POSTGRES_URL: 'postgres://itirp:p%40ss%2Fw%22rd@db:5432/itirp',
    REDIS_URL: 'redis+sentinel://:redis-word@a:1/main?sentinel_password=sentinel-word',
    KAFKA_USERNAME: 'itirp',
    KAFKA_PASSWORD: 'back\\slash',
    S3_ACCESS_KEY_ID: 'known',
    S3_SECRET_ACCESS_KEY: 's3-word',
    S3_ENDPOINT: 'https://me:store-word@s3.example',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://itirp:collector%2Fword@otel.example:4318',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://itirp:traces-word@otel.example/in',
    OTEL_EXPORTER_OTLP_HEADERS:
      'api-key=key%20word, authorization=Bearer%20bearer-word,x-auth=Basic%20aXRpcnA6YmFzaWMtd29yZA%3D%3D',
  },
  true,
);
const clean = (text: string): string => withoutSecrets(text, secretsIn(config));

test.each([
  ['key 3f0c9a4be1d27785a6b4c2d9e8f7a1b05c6d7e8f', 'key [redacted]'],
  ['at postgres://itirp:p%40ss%2Fw%22rd@db:5432/itirp', 'at [redacted]'],
  ['as written p%40ss%2Fw%22rd', 'as written [redacted]'],
  ['as meant p@ss/w"rd', 'as meant [redacted]'],
  [JSON.stringify({ as: 'p@ss/w"rd' }), '{"as":"[redacted]"}'],
  [JSON.stringify('back\\slash'), '"[redacted]"'],
  ['api-key: key word', 'api-key: [redacted]'],
  ['as written key%20word', 'as written [redacted]'],
  [JSON.stringify({ authorization: 'Bearer bearer-word' }), '{"authorization":"[redacted]"}'],
  ['bearer-word aXRpcnA6YmFzaWMtd29yZA== basic-word', '[redacted] [redacted] [redacted]'],
  ['Bearer and Basic are no secrets', 'Bearer and Basic are no secrets'],
  ['https://itirp:collector%2Fword@otel.example:4318/v1', 'https://itirp:[redacted]@otel.example:4318/v1'],
  ['collector/word traces-word store-word', '[redacted] [redacted] [redacted]'],
  ['redis-word sentinel-word s3-word', '[redacted] [redacted] [redacted]'],
])('%s', (text, left) => {
  expect(clean(text)).toBe(left);
});

test('users, hosts and names of databases are no secrets', () => {
  const text = 'itirp at db:5432/itirp with known, sentinel main';
  expect(clean(text)).toBe(text);
});

test('an address without a password, and a word too short to be one, take nothing away', () => {
  const open = loadConfig({ POSTGRES_URL: 'postgres://a:bc@db/x', REDIS_URL: 'redis://cache:6379' }, true);
  expect(withoutSecrets('abc cache db', secretsIn(open))).toBe('abc cache db');
});
