/** The platform as `serve` starts it, everything on. */
import { assert } from '../../src/core/values/assert.ts';
import { loadConfig } from '../../src/main/load-config.ts';
import { Platform } from '../../src/main/platform.ts';
import { openLog } from '../../src/telemetry/log.ts';
import { serve } from '../run/child.ts';
import { threadMicros } from '../run/thread-time.ts';

let platform: Platform | undefined;

async function start(): Promise<string> {
  assert(platform === undefined, 'it is started once');
  const config = loadConfig(process.env);
  const onFatal = (error: unknown): void => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  };
  platform = await Platform.start({ config, log: openLog(config.LOG_LEVEL), onFatal });
  return platform.url;
}

serve({ start, threadMicros }, () => platform?.stop());
