/** What an address answers to a GET, as a number: how the stack asks whether somebody is ready. */

const PATIENCE_MS = 5_000;

/** The status; 0 when there is no answer in time. */
export async function getStatus(url: string): Promise<number> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: { connection: 'close' },
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}
