/** Tokens: ours are taken until they expire, and nothing that only looks like one is. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { HOUSE_ACCOUNT, type Micros, type UserId } from '../core/values/names.ts';
import { Tokens } from './tokens.ts';
import type { User } from './users.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const START = 1_769_783_400_000;
const ann: User = {
  username: 'ann' as UserId,
  role: 'TRADER',
  account: HOUSE_ACCOUNT,
  isDemo: false,
  isDisabled: false,
  createdAt: 0 as Micros,
  signedOutAt: undefined,
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const good = {
  sub: 'ann',
  iss: 'itirp',
  aud: 'itirp-api',
  jti: 'x',
  iat: START / 1000,
  exp: START / 1000 + 60,
};

function forged(header: Record<string, unknown>, claims: Record<string, unknown>, secret = SECRET): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  const digest = header.alg === 'HS512' ? 'sha512' : 'sha256';
  return `${signed}.${createHmac(digest, secret).update(signed).digest('base64url')}`;
}

test('a token of ours says who it is, for half an hour and not a moment longer', async () => {
  let now = START;
  const tokens = new Tokens(SECRET, () => now);
  const { accessToken, expiresInSeconds } = await tokens.issue(ann);
  expect(expiresInSeconds).toBe(1_800);
  expect(tokens.remembered(accessToken)).toBeUndefined();
  const claims = await tokens.verify(accessToken);
  expect(claims).toMatchObject({ username: 'ann', expiresAtMs: START + 1_800_000 });
  expect(tokens.remembered(accessToken)).toEqual(claims);
  now += 1_799_000;
  expect(tokens.remembered(accessToken)).toEqual(claims);
  now += 1_000;
  expect(tokens.remembered(accessToken)).toBeUndefined();
  await expect(tokens.verify(accessToken)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
});

test('two tokens of one user are two', async () => {
  const tokens = new Tokens(SECRET, () => START);
  const [one, two] = await Promise.all([tokens.issue(ann), tokens.issue(ann)]);
  expect(one.accessToken).not.toBe(two.accessToken);
});

test('the forger of these tests would succeed with the secret', async () => {
  const claims = await new Tokens(SECRET, () => START).verify(forged({ alg: 'HS256' }, good));
  expect(claims.username).toBe('ann');
});

const { privateKey } = generateKeyPairSync('ed25519');
const edSigned = `${encode({ alg: 'EdDSA' })}.${encode(good)}`;
const without = (name: keyof typeof good) => ({ ...good, [name]: undefined });

test.each([
  ['another secret', forged({ alg: 'HS256' }, good, 'another-secret-of-thirty-two-characters')],
  ['alg none', `${encode({ alg: 'none' })}.${encode(good)}.`],
  ['alg None', `${encode({ alg: 'None' })}.${encode(good)}.`],
  ['no signature', `${encode({ alg: 'HS256' })}.${encode(good)}.`],
  ['another algorithm', forged({ alg: 'HS512' }, good)],
  ['a key of its own', `${edSigned}.${sign(null, Buffer.from(edSigned), privateKey).toString('base64url')}`],
  ['wrong audience', forged({ alg: 'HS256' }, { ...good, aud: 'another' })],
  ['wrong issuer', forged({ alg: 'HS256' }, { ...good, iss: 'another' })],
  ['expired', forged({ alg: 'HS256' }, { ...good, exp: START / 1000 - 1 })],
  ['not yet valid', forged({ alg: 'HS256' }, { ...good, nbf: START / 1000 + 100 })],
  ['no expiry', forged({ alg: 'HS256' }, without('exp'))],
  ['no subject', forged({ alg: 'HS256' }, without('sub'))],
  ['no name', forged({ alg: 'HS256' }, without('jti'))],
  ['no audience', forged({ alg: 'HS256' }, without('aud'))],
  ['unknown critical header', forged({ alg: 'HS256', crit: ['x'], x: 1 }, good)],
  ['not a token', 'not-a-token'],
  ['nothing', ''],
  ['too long', `${forged({ alg: 'HS256' }, good)}${'x'.repeat(3_000)}`],
])('a token with %s is refused', async (_what, token) => {
  const tokens = new Tokens(SECRET, () => START);
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  expect(tokens.remembered(token)).toBeUndefined();
});
