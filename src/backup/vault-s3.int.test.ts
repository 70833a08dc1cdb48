/** S3 keeps the vault's contract, spoken to a real S3 server that checks every signature. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startS3, type TestS3 } from '../../test/s3.ts';
import { vaultContract } from './vault.contract.ts';
import { S3Vault } from './vault-s3.ts';

let s3: TestS3;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());

let places = 0;
function options() {
  places += 1;
  return { ...s3.access, bucket: s3.bucket, prefix: `place ${places}/`, partBytes: 5 << 20 };
}

vaultContract('S3', 12_000_000, async () => new S3Vault(options()));

test('a wrong secret, a bucket that is not there and a dead server are faults that say so', async () => {
  const wrong = new S3Vault({ ...options(), secretAccessKey: 'wrong' });
  await expect(wrong.list()).rejects.toThrow(/403 SignatureDoesNotMatch/);
  const elsewhere = new S3Vault({ ...options(), bucket: 'nowhere' });
  await expect(elsewhere.list()).rejects.toThrow(/404 NoSuchBucket/);
  const dead = new S3Vault({ ...options(), endpoint: 'http://127.0.0.1:1' });
  await expect(dead.list()).rejects.toMatchObject({ code: 'BACKUP_UNAVAILABLE' });
});

test('a list of more than one page is a whole list', async () => {
  const vault = new S3Vault(options());
  const names = Array.from({ length: 1_050 }, (_, i) => `b${i}`);
  const content = randomBytes(1);
  for (let i = 0; i < names.length; i += 50) {
    await Promise.all(
      names.slice(i, i + 50).map((name) =>
        vault.write(
          name,
          (async function* () {
            yield content;
          })(),
        ),
      ),
    );
  }
  expect((await vault.list()).length).toBe(names.length);
});
