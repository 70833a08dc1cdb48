/** Notices a connection whose answer will never come: cut in a way that no error tells. Long statements are left alone. */
import type { Socket } from 'node:net';
import { setImmediate as round } from 'node:timers/promises';
import type pg from 'pg';

/** Without a byte for so long, a statement under way is asked after, in milliseconds. */
export const STALL_MS = 15_000;

/** What of `pg`'s client is looked at, and its types leave out. */
interface Inside {
  readonly connection: { readonly stream: Socket };
  readonly processID: number | null;
  /** False while a statement is under way. */
  readonly readyForQuery?: boolean;
}

interface Watched {
  bytes: number;
  /** When it fell silent. */
  silentSince: number;
  /** When it was asked after, or fell silent since. */
  since: number;
}

export interface Patience {
  /** A statement that has brought no byte for so long is asked after, in milliseconds. */
  readonly stallMs: number;
  /**
   * A statement that has brought no byte for so long is given up without asking: the server itself would have ended it
   * before. Default: never, for one that may take as long as it likes.
   */
  readonly silenceMsMax?: number;
}

/**
 * Watches the connections of `pool` while they are lent. One that has had no byte for `stallMs` with a statement under
 * way is asked after over a connection of its own: where the server does not work on it any more, or cannot be asked,
 * it is cut, and its borrower gets an outage. `ask` resolves to whether the server process with that id is at work.
 */
export function guardAgainstStalls(
  pool: pg.Pool,
  { stallMs, silenceMsMax = Number.POSITIVE_INFINITY }: Patience,
  ask: (processId: number) => Promise<boolean>,
): void {
  const lent = new Map<pg.PoolClient, Watched>();
  let timer: NodeJS.Timeout | undefined;

  const look = async (client: pg.PoolClient, watched: Watched): Promise<void> => {
    const { connection, processID, readyForQuery } = client as unknown as Inside;
    const { stream } = connection;
    const bytes = stream.bytesRead + stream.bytesWritten;
    const now = performance.now();
    const isWaiting = readyForQuery === false && !stream.isPaused() && bytes === watched.bytes;
    if (!isWaiting) Object.assign(watched, { bytes, since: now, silentSince: now });
    const isOverdue = now - watched.silentSince >= silenceMsMax;
    if (!isOverdue && now - watched.since < stallMs) return;
    watched.since = now; // asked once for each such time
    // What arrived while this process itself stood still is read before it is looked at again.
    const isAtWork = isOverdue ? await round(false) : await ask(processID ?? 0).catch(() => false);
    const isSame = lent.get(client) === watched && stream.bytesRead + stream.bytesWritten === watched.bytes;
    if (!isAtWork && isSame)
      stream.destroy(new Error('Connection terminated: its answer was lost on the way'));
  };

  pool.on('acquire', (client) => {
    const now = performance.now();
    lent.set(client, { bytes: -1, since: now, silentSince: now });
    timer ??= setInterval(() => {
      for (const [one, watched] of lent) void look(one, watched);
    }, Math.min(stallMs, silenceMsMax) / 3).unref();
  });
  const forget = (client: pg.PoolClient): void => {
    lent.delete(client);
    if (lent.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  pool.on('release', (_error, client) => forget(client));
  pool.on('remove', forget);
}
