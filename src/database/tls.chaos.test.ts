/** TLS with a real PostgreSQL: what is believed, what is not, and what the operator is told. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePrimary, type RunningServer, startServer } from '../../stack/postgres-standby.ts';
import { selfSigned } from '../../test/certificate.ts';
import { findBinaries } from './binaries.ts';
import { openDatabase } from './database.ts';
import { freePort } from './ports.ts';

let folder: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-tls-'));
  const data = join(folder, 'data');
  const binaries = await findBinaries();
  await makePrimary({ binaries, folder: data, user: 'u', password: 'p' });
  const { certificate, key } = selfSigned('localhost');
  await writeFile(join(data, 'server.crt'), certificate);
  await writeFile(join(data, 'server.key'), key, { mode: 0o600 });
  await writeFile(join(folder, 'root.crt'), certificate);
  await writeFile(join(folder, 'other.crt'), selfSigned('localhost').certificate);
  const hostRules = 'hostssl all all 127.0.0.1/32 scram-sha-256\n'; // and nobody without TLS
  await writeFile(join(data, 'pg_hba.conf'), `host all u 127.0.0.1/32 scram-sha-256\n${hostRules}`);
  const port = await freePort();
  const logFile = join(folder, 'log');
  const settings = { ssl: 'on' };
  server = await startServer({ binaries, folder: data, port, logFile, user: 'u', password: 'p', settings });
  await writeFile(join(data, 'pg_hba.conf'), hostRules);
  process.kill(server.pid, 'SIGHUP');
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function open(host: string, words: string): Promise<string> {
  const url = `postgres://u:p@${host}:${server.port}/postgres?${words.replace('ROOT', join(folder, 'root.crt')).replace('OTHER', join(folder, 'other.crt'))}`;
  const database = await openDatabase({ dataDir: 'unused', url, exclusive: false });
  const { rows } = await database
    .pool()
    .query<{ version: string }>('select version from pg_stat_ssl where pid = pg_backend_pid()');
  await database.close();
  return rows[0]?.version ?? 'none';
}

test.each([
  ['localhost', 'sslmode=require'],
  ['127.0.0.1', 'sslmode=require&sslrootcert=ROOT'],
  ['127.0.0.1', 'sslmode=verify-ca&sslrootcert=ROOT'],
  ['localhost', 'sslmode=verify-full&sslrootcert=ROOT'],
  ['localhost', 'sslrootcert=ROOT'],
])('to %s with %s all is well', async (host, words) => {
  expect(await open(host, words)).toMatch(/^TLSv1\.[23]$/);
});

test.each([
  [
    '127.0.0.1',
    'sslmode=verify-full&sslrootcert=ROOT',
    /ERR_TLS_CERT_ALTNAME_INVALID.*sslrootcert in the URL/,
  ],
  ['localhost', 'sslmode=verify-full', /self-signed certificate.*look at sslmode/],
  ['localhost', 'sslmode=verify-full&sslrootcert=OTHER', /look at sslmode and sslrootcert/],
  ['localhost', 'sslmode=require&sslrootcert=OTHER', /look at sslmode and sslrootcert/],
  ['localhost', 'sslmode=disable', /no encryption.*pg_hba\.conf/],
  ['localhost', '', /no encryption.*pg_hba\.conf/],
])('to %s with %s we are told what is wrong', async (host, words, detail) => {
  await expect(open(host, words)).rejects.toMatchObject({
    code: 'DATABASE_REFUSED',
    detail: expect.stringMatching(detail),
  });
});
