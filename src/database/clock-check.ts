/** Is this machine's clock near PostgreSQL's? Deadlines and records of several machines are only worth something if so. */
import type pg from 'pg';
import { Fault } from '../faults/fault.ts';

/** Further apart than this, in milliseconds, is too far. */
export const CLOCK_OFF_MS_MAX = 2_000;
const SAMPLES = 3;

/** Milliseconds since 1970. */
export type Now = () => number;

/**
 * How far ahead PostgreSQL's clock is at least, in milliseconds (negative: behind): the way there and back, of which
 * nobody knows which half took longer, is given the benefit of the doubt. Of a pool a connection is taken first: what
 * one waits for it would be doubt too, and hide a clock that is off.
 */
export async function clockOffset(clients: Pick<pg.Pool, 'connect'>, now?: Now): Promise<number> {
  const client = await clients.connect();
  try {
    return await clockOffsetBy(client, now);
  } finally {
    client.release();
  }
}

/** The same, by a connection at hand. */
export async function clockOffsetBy(
  client: Pick<pg.ClientBase, 'query'>,
  now: Now = Date.now,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const begun = now();
    const { rows } = await client.query<{ ms: bigint }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms',
    );
    const theirs = Number(rows[0]?.ms);
    const ended = now();
    const offset = theirs < begun ? theirs - begun : Math.max(0, theirs - ended);
    if (Math.abs(offset) < Math.abs(least)) least = offset;
  }
  return least;
}

/** @throws Fault CLOCK_OFF: more than two seconds apart */
export async function checkClock(clients: Pick<pg.Pool, 'connect'>, now?: Now): Promise<void> {
  const offset = await clockOffset(clients, now);
  if (Math.abs(offset) <= CLOCK_OFF_MS_MAX) return;
  const seconds = (Math.abs(offset) / 1_000).toFixed(1);
  const side = offset < 0 ? 'ahead of' : 'behind';
  throw new Fault('CLOCK_OFF', `it is ${seconds} s ${side} PostgreSQL's; let NTP set both machines' clocks`);
}
