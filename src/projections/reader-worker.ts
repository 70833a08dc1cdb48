/** The projector's own thread, so that it takes no turn from the order path. `main/` gives it its journal. */
import { platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type pg from 'pg';
import { assert } from '../core/values/assert.ts';
import type { Position } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import type { Source } from './catch-up.ts';
import { Projector } from './projector.ts';
import type { FromProjector, ProjectorTask, ToProjector } from './projector-messages.ts';

/** One connection to read the journal, one to write the views. */
const CONNECTIONS = 2;
/** On Linux a thread has a niceness of its own: where cores are short, the order path goes first. */
const NICENESS = 5;

/**
 * Runs a projector in this worker thread until it is told to stop. An error that trying again would not help ends the
 * thread, and its owner hears of it.
 */
export async function serveProjector(source: (pool: pg.Pool, shard: string) => Source): Promise<void> {
  const port = parentPort;
  assert(port !== null, 'the projector runs in a worker thread');
  const say = (message: FromProjector): void => port.postMessage(message);
  const task = workerData as ProjectorTask;
  const newest = new BigInt64Array(task.newest);
  if (platform() === 'linux') setPriority(NICENESS);
  const pool = openPool(task.url, {
    applicationName: 'itirp projector',
    connectionsMax: CONNECTIONS,
    statementTimeoutMs: 0, // the journal is read in one statement, however long it is
  });
  // A connection that breaks between two statements must not end the thread; its next user is told.
  pool.on('connect', (client) => client.on('error', () => {}));
  const projector = new Projector({
    pool,
    source: source(pool, task.shard),
    manners: task.manners,
    newest: () => Number(Atomics.load(newest, 0)) as Position,
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
