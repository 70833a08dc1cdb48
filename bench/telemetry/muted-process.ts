/** The platform as in `bench/http`, but for its metrics: whatever is counted on an order's way is not. */
import { Counter, Histogram } from '@prometheus-io/client';
import { DistributionSeries } from '../../src/telemetry/distribution.ts';
import { PlainCount } from '../../src/telemetry/plain-counter.ts';

const isDeaf = (): void => {};
Counter.prototype.inc = isDeaf;
Histogram.prototype.observe = isDeaf;
PlainCount.prototype.inc = isDeaf;
DistributionSeries.prototype.observe = isDeaf;

await import('../http/platform-process.ts');
