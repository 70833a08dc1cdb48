/** Starts containers that stand still, and says how long it took until /readyz of the last one said so: `URL CONTAINER…`. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A bound on what hangs, not on what a busy machine takes. */
const PATIENCE_MS = 240_000;
const POLL_MS = 20;

const isReady = async (url: string): Promise<boolean> =>
  await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

const [url = '', ...containers] = process.argv.slice(2);
const begun = performance.now();
await promisify(execFile)('docker', ['start', ...containers]);
while (!(await isReady(url))) {
  if (performance.now() - begun > PATIENCE_MS) throw new Error(`not ready at ${url} in ${PATIENCE_MS} ms`);
  await sleep(POLL_MS);
}
console.log(Math.round(performance.now() - begun));
