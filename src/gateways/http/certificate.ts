/** A TLS certificate with its key, read from files and judged before anybody meets it. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { Fault } from '../../faults/fault.ts';

/** Where a certificate and its key are. */
export interface CertificateFiles {
  /** PEM; the server's own certificate first, then those that lead to its root. */
  readonly certFile: string;
  /** PEM, not encrypted. */
  readonly keyFile: string;
}

export interface Certificate {
  /** As it was read: PEM. */
  readonly cert: string;
  readonly key: string;
  /** For whom, as `DNS:itirp.example`. */
  readonly names: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

const DAY_MS = 86_400_000;
/** A certificate that lives long should have been renewed so long before its end, in milliseconds. */
const SOON_MS_MAX = 7 * DAY_MS;

/**
 * Both files, if they can be served. What is past its time can: {@link timeTrouble} tells.
 * @throws Fault CONFIG_INVALID, naming the setting and the remedy
 */
export async function readCertificate({ certFile, keyFile }: CertificateFiles): Promise<Certificate> {
  const cert = await textOf('TLS_CERT_FILE', certFile);
  const key = await textOf('TLS_KEY_FILE', keyFile);
  const own = certificateOf(cert, certFile);
  if (!own.checkPrivateKey(keyOf(key, keyFile))) {
    const remedy = 'take both from the same issue, the own certificate first in its file';
    throw wrong(`TLS_KEY_FILE ${keyFile} is not the key of the certificate in ${certFile}: ${remedy}`);
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw wrong(`TLS_CERT_FILE ${certFile} cannot be served: ${messageOf(error)}`, error);
  }
  const { subjectAltName: names = own.subject, validFromDate: validFrom, validToDate: validTo } = own;
  return { cert, key, names, validFrom, validTo };
}

/** Why clients refuse it at `now`, or soon will; undefined: its time is good. */
export function timeTrouble({ validFrom, validTo }: Certificate, now: Date): string | undefined {
  if (now < validFrom) return `the certificate is not valid before ${validFrom.toISOString()}`;
  if (now >= validTo) return `the certificate expired at ${validTo.toISOString()}: renew it`;
  const soonMs = Math.min(SOON_MS_MAX, (validTo.getTime() - validFrom.getTime()) / 10);
  const leftMs = validTo.getTime() - now.getTime();
  return leftMs <= soonMs ? `the certificate expires at ${validTo.toISOString()}: renew it` : undefined;
}

async function textOf(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw wrong(`${setting}: ${messageOf(error)}`, error);
  }
}

function certificateOf(cert: string, file: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch (error) {
    throw wrong(`TLS_CERT_FILE ${file} holds no certificate in PEM`, error);
  }
}

function keyOf(key: string, file: string): KeyObject {
  try {
    return createPrivateKey(key);
  } catch (error) {
    throw wrong(`TLS_KEY_FILE ${file} holds no private key in PEM, or one under a passphrase`, error);
  }
}

const wrong = (says: string, cause?: unknown): Fault => new Fault('CONFIG_INVALID', says, { cause });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
