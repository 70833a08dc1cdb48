/** Which kind of place a name of one means: a folder, or storage that speaks S3. */
import type { Vault } from '../backup/vault.ts';
import { FolderVault } from '../backup/vault-folder.ts';
import { S3Vault } from '../backup/vault-s3.ts';
import { Fault } from '../faults/fault.ts';
import type { Config } from './config.ts';

/** How an operator names a bucket and what stands before the names in it. */
const S3 = /^s3:\/\/([^/]+)(?:\/(.*))?$/;

type Access = Pick<Config, 'S3_ENDPOINT' | 'S3_REGION' | 'S3_ACCESS_KEY_ID' | 'S3_SECRET_ACCESS_KEY'>;

/** `where`: a folder, or `s3://BUCKET/PREFIX`. @throws Fault CONFIG_INVALID: S3 without its keys */
export function vaultAt(where: string, config: Access): Vault {
  const named = S3.exec(where);
  if (named === null) return new FolderVault(where);
  const [, bucket = '', given = ''] = named;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Fault('CONFIG_INVALID', `${where} needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY`);
  }
  return new S3Vault({
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    accessKeyId,
    secretAccessKey,
    bucket,
    prefix: given === '' || given.endsWith('/') ? given : `${given}/`,
  });
}

/** A single backup in its place: `FILE`, or `s3://BUCKET/PREFIX/NAME`. */
export function placeOf(path: string): { readonly where: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { where: slash < 0 ? '.' : path.slice(0, Math.max(slash, 1)), name: path.slice(slash + 1) };
}
