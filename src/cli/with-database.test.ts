/** A tool says which database it works on, and never a password. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../main/load-config.ts';
import { placeOf } from './with-database.ts';

test.each([
  [
    { POSTGRES_URL: 'postgres://itirp:s3cret@h1:5432,h2:5433/itirp?sslmode=disable' },
    'PostgreSQL at h1:5432,h2:5433/itirp',
  ],
  [{ POSTGRES_URL: 'postgres://h/' }, 'PostgreSQL at h/'],
  [{ DATA_DIR: 'there' }, `the embedded PostgreSQL in ${resolve('there')}`],
])('%o', (environment, place) => {
  expect(placeOf(loadConfig(environment, true))).toBe(place);
});
