/** The process and its machine. */
import type { AskedGauge } from '../asked-gauge.ts';
import { type Catalogue, EVERY_ROLE } from '../catalogue.ts';

const roles = EVERY_ROLE;

export const platformInstruments = (catalogue: Catalogue) => ({
  nodeReady: catalogue.asked({ name: 'node_ready', help: '1: this node may be given work', roles }),
  nodeUnreadyReason: catalogue.asked({
    name: 'node_unready_reason',
    help: '1 for each part that stands in the way of being ready',
    labelNames: ['part'],
    roles,
  }),
  tlsCertificateExpiry: catalogue.gauge({
    name: 'tls_certificate_expiry_timestamp_seconds',
    help: 'When the certificate that is served runs out; not shown without TLS',
    roles,
  }),
  diskFree: catalogue.gauge({
    name: 'data_disk_free_bytes',
    help: 'Room left to us where the data, the checkpoints or the backups lie',
    labelNames: ['place'],
    roles,
  }),
  diskSize: catalogue.gauge({
    name: 'data_disk_size_bytes',
    help: 'Size of the file system there',
    labelNames: ['place'],
    roles,
  }),
  buildInfo: catalogue.gauge({
    name: 'build_info',
    help: 'Always 1; the version is in the label',
    labelNames: ['version'],
    roles,
  }),
  eventLoopUtilization: watchEventLoop(catalogue),
});

/** Reckoned from scrape to scrape. */
function watchEventLoop(catalogue: Catalogue): AskedGauge {
  let last = performance.eventLoopUtilization();
  const gauge = catalogue.asked({
    name: 'event_loop_utilization',
    help: 'Share of time the event loop was busy since the last scrape: 1 leaves no time to wait in',
    roles,
  });
  gauge.ask(() => {
    const now = performance.eventLoopUtilization();
    const { utilization: value } = performance.eventLoopUtilization(now, last);
    last = now;
    return [{ labels: {}, value }];
  });
  return gauge;
}

/**
 * `validTo`: as the certificate says it (`X509Certificate.validTo`). Call it again when another one is served. What does
 * not read as a date is not shown.
 */
export function showCertificateExpiry(
  { tlsCertificateExpiry: gauge }: Pick<ReturnType<typeof platformInstruments>, 'tlsCertificateExpiry'>,
  validTo: Date | string,
): void {
  const at = new Date(validTo).getTime();
  if (Number.isNaN(at)) gauge.remove();
  else gauge.set(at / 1000);
}
