/** The platform as nobody watches it: its own house, and whatever is counted there all the same counts nothing. */
import { Counter, Histogram } from '@prometheus-io/client';
import { loadConfig } from '../../src/main/load-config.ts';
import { type Site, stopAll } from '../../src/main/site.ts';
import { SystemClock } from '../../src/sequencer/clock.ts';
import { DistributionSeries } from '../../src/telemetry/distribution.ts';
import { openLog } from '../../src/telemetry/log.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import { PlainCount } from '../../src/telemetry/plain-counter.ts';
import { Readiness } from '../../src/telemetry/readiness.ts';
import { serve } from '../run/child.ts';
import { threadMicros } from '../run/thread-time.ts';
import { buildMutedHouse } from './muted-house.ts';

const isDeaf = (): void => {};
Counter.prototype.inc = isDeaf;
Histogram.prototype.observe = isDeaf;
PlainCount.prototype.inc = isDeaf;
DistributionSeries.prototype.observe = isDeaf;

const undo: Site['undo'] = [];

async function start(): Promise<string> {
  const config = loadConfig(process.env);
  return await buildMutedHouse({
    config,
    log: openLog(config.LOG_LEVEL),
    clock: new SystemClock(),
    metrics: openMetrics(),
    readiness: new Readiness(),
    undo,
    onFatal: (error) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  });
}

serve({ start, threadMicros }, () => stopAll(undo));
