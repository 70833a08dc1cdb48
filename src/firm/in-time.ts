/** What is good to know and not worth waiting for any longer than this. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Undefined: it took longer than `ms` milliseconds, and goes on unheard. Rejects as `asked` does, in time. */
export async function inTime<T>(ms: number, asked: Promise<T>): Promise<T | undefined> {
  const enough = new AbortController();
  const late = sleep(ms, undefined, { signal: enough.signal }).catch(() => undefined);
  asked.catch(() => {}); // whatever it says after its time is nobody's concern
  try {
    return await Promise.race([asked, late]);
  } finally {
    enough.abort();
  }
}
