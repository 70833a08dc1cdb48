/** Whether the doors speak TLS, by which certificate, and who hears of its renewal and its end. */
import { ServedCertificate } from '../gateways/http/served-certificate.ts';
import { showCertificateExpiry } from '../telemetry/instruments/platform.ts';
import type { Site } from './site.ts';

/** Undefined: the doors speak plain HTTP, behind whatever speaks TLS for them. @throws Fault CONFIG_INVALID */
export async function certificateFor({
  config,
  log,
  metrics,
  readiness,
  undo,
}: Pick<Site, 'config' | 'log' | 'metrics' | 'readiness' | 'undo'>): Promise<ServedCertificate | undefined> {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = config;
  if (certFile === undefined || keyFile === undefined) return undefined;
  const served = await ServedCertificate.open(
    { certFile, keyFile },
    {
      onRenewed: ({ names, validTo }) => {
        showCertificateExpiry(metrics, validTo);
        log.info({ names, validTo }, 'the TLS certificate was renewed');
      },
      onTrouble: (says) => log.warn(`TLS: ${says}`),
    },
  );
  showCertificateExpiry(metrics, served.certificate.validTo);
  readiness.note('tls', () => served.notice); // a node that is sent away would make an expired certificate worse
  served.watch();
  undo.push(() => served.stop());
  const { names, validTo } = served.certificate;
  log.info({ names, validTo }, 'the doors speak TLS 1.3');
  return served;
}
