/** One order from its trader's side: asked for until its fate is known, then perhaps looked at, or canceled. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../../dice.ts';
import type { PlaceAsk } from '../history/record.ts';
import type { Door, Heard } from './door.ts';

export interface Habits {
  /** Part of the orders that are asked for twice at the same time, under one client order id. */
  readonly twins: number;
  /** Part of the approved orders that are looked at right after. */
  readonly looks: number;
  /** Part of the approved orders that are canceled right after. */
  readonly cancels: number;
}

/** Rest before an order whose fate is not known is asked for again, in milliseconds: doubled each time up to the most. */
const AGAIN_MS = 100;
const AGAIN_MS_MAX = 4_000;

/** Asks for one order until its fate is known or `isTooLate`. Resolves with whether it is known. */
export async function trade(
  door: Door,
  ask: PlaceAsk,
  dice: Dice,
  habits: Habits,
  isTooLate: () => boolean,
): Promise<boolean> {
  const process = `trader ${ask.clientOrderId}`;
  const twin = dice.chance(habits.twins) ? door.place(`${process} twin`, ask) : undefined;
  let heard = await door.place(process, ask);
  for (let restMs = AGAIN_MS; heard.phase !== 'ok'; restMs = Math.min(2 * restMs, AGAIN_MS_MAX)) {
    if (isTooLate()) return false;
    await sleep(restMs + dice.whole(0, restMs));
    heard = (await lookedUp(door, process, heard)) ?? (await door.place(process, ask));
  }
  await afterwards(door, process, heard, dice, habits);
  await twin;
  return true;
}

/** What is found under the id that a 202 gave is the order, and its fate is known. Undefined: it is not there yet. */
async function lookedUp(door: Door, process: string, { reply }: Heard): Promise<Heard | undefined> {
  if (reply.status !== 202 || reply.orderId === undefined) return undefined;
  const found = await door.look(process, reply.orderId);
  if (found.phase !== 'ok') return undefined;
  return { ...found, reply: { ...found.reply, orderId: reply.orderId } };
}

/** Once each: a cancel or a look without an answer changes no order's fate. */
async function afterwards(
  door: Door,
  process: string,
  heard: Heard,
  dice: Dice,
  habits: Habits,
): Promise<void> {
  const { orderId, word } = heard.reply;
  if (orderId === undefined) return;
  if (dice.chance(habits.looks)) await door.look(process, orderId);
  if (word !== 'REJECTED' && dice.chance(habits.cancels)) await door.cancel(process, orderId);
}
