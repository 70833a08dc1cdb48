/** The projector's own thread, so that it takes no turn from the order path. `main/` gives it its journal. */
import { parentPort, workerData } from 'node:worker_threads';
import type pg from 'pg';
import { assert } from '../core/values/assert.ts';
import { openPool } from '../database/pool.ts';
import type { Source } from './catch-up.ts';
import { Projector } from './projector.ts';
import type { FromProjector, ProjectorTask, ToProjector } from './projector-messages.ts';

/** One connection to read the journal, one to write the views. */
const CONNECTIONS = 2;
/** A transaction of the projector is bounded, so a statement that takes this long is stuck, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * Runs a projector in this worker thread until it is told to stop. An error that trying again would not help ends the
 * thread, and its owner hears of it.
 */
export async function serveProjector(source: (pool: pg.Pool, shard: string) => Source): Promise<void> {
  const port = parentPort;
  assert(port !== null, 'the projector runs in a worker thread');
  const say = (message: FromProjector): void => port.postMessage(message);
  const task = workerData as ProjectorTask;
  const pool = openPool(task.url, {
    applicationName: 'itirp projector',
    connectionsMax: CONNECTIONS,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  const projector = new Projector({
    pool,
    source: source(pool, task.shard),
    manners: task.manners,
    onProgress: (position) => say({ kind: 'reached', position }),
    onIdle: () => say({ kind: 'idle' }),
    onTrouble: ({ code, detail }, retryMs) => say({ kind: 'trouble', code, detail, retryMs }),
  });
  port.on('message', (message: ToProjector) => {
    if (message.kind === 'poke') projector.poke(message.position);
    else void projector.stop();
  });
  try {
    await projector.run();
  } finally {
    port.close();
    await pool.end();
  }
}
