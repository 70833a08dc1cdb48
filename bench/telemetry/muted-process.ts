/** The platform as in `bench/http`, but for its metrics: whatever is counted on an order's way is not. */
import { Counter, Histogram } from '@prometheus-io/client';
import { DistributionSeries } from '../../src/telemetry/distribution.ts';
import { TallySeries } from '../../src/telemetry/tally.ts';

const isDeaf = (): void => {};
Counter.prototype.inc = isDeaf;
Histogram.prototype.observe = isDeaf;
TallySeries.prototype.inc = isDeaf;
DistributionSeries.prototype.observe = isDeaf;

await import('../http/platform-process.ts');
