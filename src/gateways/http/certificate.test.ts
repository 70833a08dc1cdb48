/** Which certificates are taken, and what is said of those that are not. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfSigned } from '../../../test/certificate.ts';
import { Fault } from '../../faults/fault.ts';
import { readCertificate, timeTrouble } from './certificate.ts';

const DAY_MS = 86_400_000;
const ours = selfSigned('itirp.example');
const others = selfSigned('itirp.example');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'itirp-certificate-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const read = (certificate: string, key: string) =>
  readCertificate({ certFile: file('tls.crt', certificate), keyFile: file('tls.key', key) });

test('a certificate and its key are taken, also with what leads to the root behind it', async () => {
  expect(await read(ours.certificate, ours.key)).toMatchObject({ names: 'DNS:itirp.example', key: ours.key });
  const chain = ours.certificate + others.certificate;
  expect((await read(chain, ours.key)).cert).toBe(chain);
});

const sealed = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
}).privateKey;

test.each([
  [
    "another certificate's key",
    ours.certificate,
    others.key,
    /TLS_KEY_FILE .* is not the key of.*same issue/,
  ],
  ['a chain in the wrong order', others.certificate + ours.certificate, ours.key, /own certificate first/],
  ['no certificate', 'hello', ours.key, /TLS_CERT_FILE .*tls.crt holds no certificate in PEM/],
  ['no key', ours.certificate, 'hello', /TLS_KEY_FILE .*tls.key holds no private key in PEM/],
  ['a key under a passphrase', ours.certificate, sealed, /or one under a passphrase/],
  ['the two files exchanged', ours.key, ours.certificate, /TLS_CERT_FILE .* holds no certificate/],
])('%s is refused with the remedy', async (_what, certificate, key, says) => {
  const error = await read(certificate, key).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Fault);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(says) });
  expect(String(error)).not.toContain('PRIVATE KEY');
});

test('a file that is not there is named', async () => {
  const files = { certFile: join(folder, 'none.crt'), keyFile: file('tls.key', ours.key) };
  await expect(readCertificate(files)).rejects.toThrow(/TLS_CERT_FILE: ENOENT.*none\.crt/);
});

test.each([
  ['good for long', -10 * DAY_MS, 80 * DAY_MS, undefined],
  ['in its last week', -83 * DAY_MS, 7 * DAY_MS - 1_000, /^the certificate expires at /],
  ['in the last tenth of its one day', -0.91 * DAY_MS, 0.09 * DAY_MS, /^the certificate expires at /],
  ['made for a day, at noon', -0.5 * DAY_MS, 0.5 * DAY_MS, undefined],
  ['past its time', -DAY_MS, -1_000, /^the certificate expired at .*: renew it$/],
  ['before its time', DAY_MS, 2 * DAY_MS, /^the certificate is not valid before /],
])('one that is %s is taken, and its time is told', async (_what, fromMs, toMs, says) => {
  const { certificate, key } = selfSigned('itirp.example', { fromMs, toMs });
  const trouble = timeTrouble(await read(certificate, key), new Date());
  if (says === undefined) expect(trouble).toBeUndefined();
  else expect(trouble).toMatch(says);
});
