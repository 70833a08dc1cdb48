/** Is what the doors speak TLS with a certificate and its own key, and for how long? Whom clients believe, they know alone. */

import { messageOf } from '../../database/outage.ts';
import { readCertificate, timeTrouble } from '../../gateways/http/certificate.ts';
import { bad, type Examination, ok, warn } from './finding.ts';

const CERTIFICATE = 'certificate';
const RENEW = 'renew it: both files are taken up within seconds, without a restart';

export const examineCertificate: Examination = async ({ config, now }) => {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = config;
  if (certFile === undefined && keyFile === undefined) {
    return [ok(CERTIFICATE, 'none: the doors speak plain HTTP')];
  }
  if (certFile === undefined || keyFile === undefined) return []; // nothing starts so: the settings say it
  try {
    const certificate = await readCertificate({ certFile, keyFile });
    const trouble = timeTrouble(certificate, now());
    if (trouble === undefined) {
      return [ok(CERTIFICATE, `for ${certificate.names}, good until ${certificate.validTo.toISOString()}`)];
    }
    const isGood = certificate.validFrom <= now() && now() < certificate.validTo;
    return [(isGood ? warn : bad)(CERTIFICATE, trouble, RENEW)];
  } catch (error) {
    return [bad(CERTIFICATE, messageOf(error), 'put a certificate and its own key there, both in PEM')];
  }
};
