/** What the journal says of a command: it keeps no command ids, but who said it, in which conversation, and what came of it. */
import type { Command } from '../core/commands.ts';
import type { Event } from '../core/events.ts';
import type { Limits } from '../core/risk/limits.ts';
import { unreachable } from '../core/values/assert.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { decodeBatch } from '../journal/codec.ts';
import type { Attribution, Committed } from '../journal/entry.ts';
import type { Journal, SealedBatch } from '../journal/journal.ts';

/** Clocks of two machines that work are no further apart, in microseconds: each is within two seconds of PostgreSQL's. */
const CLOCKS_APART = 5_000_000;

/** What holds for a shard until another word. */
export type ShardCommand = Extract<Command, { type: 'SetLimits' | 'EngageKillSwitch' | 'ReleaseKillSwitch' }>;

export interface Said {
  readonly command: ShardCommand;
  readonly by: Pick<Attribution, 'user' | 'correlationId'>;
}

/**
 * Was this carried out by an owner that is gone? Nothing that was decided before it was sent can be it.
 * @throws Fault JOURNAL_*
 */
export async function wasCarriedOut(
  journal: Pick<Journal, 'read' | 'positionBefore'>,
  said: Said & { readonly sentAt: Micros },
): Promise<boolean> {
  const since = (said.sentAt - CLOCKS_APART) as Micros;
  for await (const row of journal.read(await journal.positionBefore(since))) {
    for (const { at } of carriedOutIn(row, said)) if (at >= since) return true;
  }
  return false;
}

/** The facts in `row` that it may have brought about. @throws Fault JOURNAL_CORRUPT */
export function* carriedOutIn(row: SealedBatch, { command, by }: Said): Generator<Committed> {
  const { firstPosition, entries } = decodeBatch(row);
  let before = firstPosition - 1;
  for (const { at, user, correlationId, events } of entries) {
    before += events.length;
    if (user !== by.user || correlationId !== by.correlationId) continue;
    if (events.some((event) => isOf(event, command))) yield { at, position: before as Position, events };
  }
}

function isOf(event: Event, command: ShardCommand): boolean {
  switch (command.type) {
    case 'SetLimits':
      return event.type === 'LimitsSet' && isSame(event.limits, command.limits);
    case 'EngageKillSwitch':
      return event.type === 'KillSwitchEngaged';
    case 'ReleaseKillSwitch':
      return event.type === 'KillSwitchReleased';
    default:
      return unreachable(command);
  }
}

const isSame = (one: Limits, other: Limits): boolean =>
  one.positionMax === other.positionMax &&
  one.dailyVolumeMax === other.dailyVolumeMax &&
  one.netExposureMax === other.netExposureMax &&
  one.grossExposureMax === other.grossExposureMax;
