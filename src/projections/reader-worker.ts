/** A reader of the journal in a thread of its own, so that it takes no turn from anybody else. */
import { platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type pg from 'pg';
import { assert } from '../core/values/assert.ts';
import type { Position } from '../core/values/names.ts';
import { openPool } from '../database/pool.ts';
import { Fault } from '../faults/fault.ts';
import type { FromReader, ReaderTask, ToReader } from './reader-messages.ts';

/** One connection to read the journal, one to write. */
const CONNECTIONS = 2;
/** On Linux a thread has a niceness of its own: where cores are short, the order path goes first. */
const NICENESS = 5;

/** What runs in the thread. */
export interface Reader {
  /** Until {@link stop}; rejects with what trying again does not help. */
  run(): Promise<void>;
  poke(position: Position): void;
  stop(): Promise<void>;
}

/** What a reader tells of itself. */
export interface ReaderHooks {
  readonly onProgress: (position: Position) => void;
  readonly onIdle: (position: Position) => void;
  readonly onTrouble: (fault: Fault, retryMs: number) => void;
}

export interface ReaderParts<Own> {
  readonly task: ReaderTask<Own>;
  readonly pool: pg.Pool;
  /** The newest fact there is. */
  readonly newest: () => Position;
  readonly hooks: ReaderHooks;
}

/** A container's filter of system calls may forbid it: then it is as it was, and nothing is wrong. */
function giveWay(): void {
  if (platform() !== 'linux') return;
  try {
    setPriority(NICENESS);
  } catch {} // not worth a word: readers that run at full priority are still readers
}

/**
 * Runs what `make` returns in this worker thread until it is told to stop. An error that trying again would not help
 * ends the thread, and its owner hears of it. `name`: of its connections.
 */
export async function serveReader<Own>(
  name: string,
  make: (parts: ReaderParts<Own>) => Reader,
): Promise<void> {
  const port = parentPort;
  assert(port !== null, 'a reader runs in a worker thread');
  const say = (message: FromReader): void => port.postMessage(message);
  const task = workerData as ReaderTask<Own>;
  const newest = new BigInt64Array(task.newest);
  giveWay();
  const pool = openPool(task.url, {
    applicationName: name,
    connectionsMax: CONNECTIONS,
    statementTimeoutMs: 0, // the journal is read in one statement, however long it is
  });
  // A connection that breaks between two statements must not end the thread; its next user is told.
  pool.on('connect', (client) => client.on('error', () => {}));
  const reader = make({
    task,
    pool,
    newest: () => Number(Atomics.load(newest, 0)) as Position,
    hooks: {
      onProgress: (position) => say({ kind: 'reached', position }),
      onIdle: (position) => say({ kind: 'idle', position }),
      onTrouble: ({ code, detail }, retryMs) => say({ kind: 'trouble', code, detail, retryMs }),
    },
  });
  port.on('message', (message: ToReader) => {
    if (message.kind === 'poke') reader.poke(message.position);
    else void reader.stop();
  });
  try {
    await reader.run();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    say({ kind: 'failed', code: error.code, detail: error.detail }); // a thrown one would arrive without its code
  } finally {
    port.close();
    await pool.end();
  }
}
