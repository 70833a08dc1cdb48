/** Was a command carried out already? The journal keeps no command ids: it is known by who said it, when, and what it says. */
import type { Command } from '../core/commands.ts';
import type { Event } from '../core/events.ts';
import type { Limits } from '../core/risk/limits.ts';
import type { Micros } from '../core/values/names.ts';
import { decodeBatch } from '../journal/codec.ts';
import type { Attribution } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';

/** Clocks of two machines that work are no further apart, in microseconds: each is within two seconds of PostgreSQL's. */
const CLOCKS_APART = 5_000_000;

/** Whatever a second time would undo: a limit that was set since, a halt that was called since. */
export type Undoing = Extract<Command, { type: 'SetLimits' | 'ReleaseKillSwitch' }>;

export interface Said {
  readonly command: Undoing;
  readonly by: Pick<Attribution, 'user' | 'correlationId'>;
  readonly sentAt: Micros;
}

/** Nothing that was decided before it was sent can be it. @throws Fault JOURNAL_* */
export async function wasCarriedOut(
  journal: Pick<Journal, 'read' | 'positionBefore'>,
  { command, by, sentAt }: Said,
): Promise<boolean> {
  const since = (sentAt - CLOCKS_APART) as Micros;
  for await (const row of journal.read(await journal.positionBefore(since))) {
    for (const { at, user, correlationId, events } of decodeBatch(row).entries) {
      if (at < since || user !== by.user || correlationId !== by.correlationId) continue;
      if (events.some((event) => isOf(event, command))) return true;
    }
  }
  return false;
}

function isOf(event: Event, command: Undoing): boolean {
  if (command.type === 'ReleaseKillSwitch') return event.type === 'KillSwitchReleased';
  return event.type === 'LimitsSet' && isSame(event.limits, command.limits);
}

const isSame = (one: Limits, other: Limits): boolean =>
  one.positionMax === other.positionMax &&
  one.dailyVolumeMax === other.dailyVolumeMax &&
  one.netExposureMax === other.netExposureMax &&
  one.grossExposureMax === other.grossExposureMax;
