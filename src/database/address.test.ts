/** A URL of PostgreSQL is taken apart as libpq does it, and says what is wrong without telling the password. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addressOf } from './address.ts';

let folder: string;
let root: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'itirp-address-'));
  root = join(folder, 'root.crt');
  await writeFile(root, 'a certificate');
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ['postgres://u:p@one/db', ['postgres://u:p@one/db']],
  ['postgres://one:5433,two/db?a=b', ['postgres://one:5433/db?a=b', 'postgres://two/db?a=b']],
  [
    'postgresql://u:p%40,x@[::1]:1,[::2]:2/db',
    ['postgresql://u:p%40,x@[::1]:1/db', 'postgresql://u:p%40,x@[::2]:2/db'],
  ],
  ['postgres://u@a,b,c', ['postgres://u@a', 'postgres://u@b', 'postgres://u@c']],
])('%s leads to %j', (url, urls) => {
  expect(addressOf(url)).toMatchObject({ urls, ssl: undefined });
});

test.each(['mysql://u:hush@h/db', 'h/db', 'postgres://u:hush@h:port/db', 'postgres://u:hush@h1,:x/db'])(
  '%s is refused, and its password is not told',
  (url) => {
    const refusal = expect.objectContaining({
      code: 'CONFIG_INVALID',
      detail: expect.not.stringContaining('hush'),
    });
    expect(() => addressOf(url)).toThrow(refusal);
  },
);

test.each([
  ['disable', false],
  ['require', { rejectUnauthorized: false }],
  ['verify-ca', { checkServerIdentity: expect.any(Function) }],
  ['verify-full', {}],
])('sslmode=%s is %j to pg', (mode, ssl) => {
  expect(addressOf(`postgres://h/db?a=b&sslmode=${mode}`)).toEqual({
    urls: ['postgres://h/db?a=b'],
    hosts: 'h',
    ssl,
  });
});

test('a root that is named is believed instead of the usual ones, with sslmode=require too', () => {
  expect(addressOf(`postgres://h/db?sslrootcert=${root}`).ssl).toEqual({ ca: 'a certificate' });
  const required = addressOf(`postgres://h/db?sslmode=require&sslrootcert=${root}`).ssl;
  expect(required).toEqual({ ca: 'a certificate', checkServerIdentity: expect.any(Function) });
  expect(addressOf('postgres://h/db?sslmode=verify-full&sslrootcert=system').ssl).toEqual({});
});

test.each([
  ['sslmode=prefer', /take disable, require, verify-ca or verify-full/],
  ['sslmode=verify-full&sslrootcert=/nowhere/root.crt', /sslrootcert=\/nowhere\/root.crt .*ENOENT/],
])('%s is refused with the remedy', (words, says) => {
  const refusal = expect.objectContaining({ code: 'CONFIG_INVALID', detail: expect.stringMatching(says) });
  expect(() => addressOf(`postgres://h/db?${words}`)).toThrow(refusal);
});

test.each(['/', '?', '#'])('a password with a bare %s in it is refused and not shown', (mark) => {
  const read = () => addressOf(`postgres://u:hush${mark}half@db:5432/x`);
  expect(read).toThrow(/names no host and port; .*write \/ as %2F/);
  expect(read).not.toThrow(/hush/);
});
