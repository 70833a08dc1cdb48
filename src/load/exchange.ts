/** One HTTP request and its whole answer, on a connection to the addresses that were judged. */
import { request as plainly } from 'node:http';
import { request as securely } from 'node:https';
import type { LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Milliseconds to the end of the answer. */
  readonly patienceMs: number;
  readonly lookup: LookupFunction | undefined;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
}

/** @throws Error when nobody answered in time; what was asked may have been done all the same */
export async function exchange(
  url: string,
  { lookup, patienceMs, body, ...asked }: Asked,
): Promise<Answered> {
  const request = url.startsWith('https:') ? securely : plainly;
  return await new Promise((resolve, reject) => {
    const options = { ...asked, signal: AbortSignal.timeout(patienceMs), agent: false };
    const sent = request(url, { ...options, ...(lookup === undefined ? {} : { lookup }) }, (response) => {
      text(response).then((words) => resolve({ status: response.statusCode ?? 0, text: words }), reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
