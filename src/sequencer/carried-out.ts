/** What the journal says of a command: it keeps no command ids, but who said it, in which conversation, and what came of it. */
import type { Command, RecordAccess } from '../core/commands.ts';
import type { Event } from '../core/events.ts';
import { areSameLimits } from '../core/risk/limits.ts';
import { unreachable } from '../core/values/assert.ts';
import type { Micros, Position } from '../core/values/names.ts';
import { decodeBatch } from '../journal/codec.ts';
import type { Attribution, Committed } from '../journal/entry.ts';
import type { Journal, SealedBatch } from '../journal/journal.ts';
import { CLOCKS_APART } from './clock.ts';

/** What holds for a shard until another word. */
export type ShardCommand = Extract<Command, { type: 'SetLimits' | 'EngageKillSwitch' | 'ReleaseKillSwitch' }>;
/** What leaves facts that can be told from all others by who said it. An order has its own id for that. */
export type Traceable = ShardCommand | RecordAccess;

const TRACEABLE: ReadonlySet<Command['type']> = new Set<Traceable['type']>([
  'SetLimits',
  'EngageKillSwitch',
  'ReleaseKillSwitch',
  'RecordAccess',
]);

export const isTraceable = (command: Command): command is Traceable => TRACEABLE.has(command.type);

export interface Said {
  readonly command: Traceable;
  readonly by: Pick<Attribution, 'user' | 'origin' | 'correlationId'>;
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
    for (const word of wordsOn(row, said, since)) if (word !== 'undone') return true;
  }
  return false;
}

/**
 * What `row` tells of it from `since` on, in order: facts that it brought about, and that somebody has said the contrary.
 * @throws Fault JOURNAL_CORRUPT or JOURNAL_NEWER
 */
export function* wordsOn(row: SealedBatch, said: Said, since: Micros): Generator<Committed | 'undone'> {
  const { firstPosition, entries } = decodeBatch(row);
  let before = firstPosition - 1;
  for (const entry of entries) {
    const { at, events } = entry;
    before += events.length;
    if (at < since) continue;
    if (isBy(entry, said) && events.some((event) => isOf(event, said.command)))
      yield { at, position: before as Position, events };
    else if (events.some((event) => undoes(event, said.command))) yield 'undone';
  }
}

const isBy = (entry: Attribution, { by }: Said): boolean =>
  entry.user === by.user && entry.origin === by.origin && entry.correlationId === by.correlationId;

function isOf(event: Event, command: Traceable): boolean {
  switch (command.type) {
    case 'SetLimits':
      return event.type === 'LimitsSet' && areSameLimits(event.limits, command.limits);
    case 'EngageKillSwitch':
      return event.type === 'KillSwitchEngaged';
    case 'ReleaseKillSwitch':
      return event.type === 'KillSwitchReleased';
    case 'RecordAccess':
      return (
        event.type === 'AccessRecorded' && event.what === command.what && event.subject === command.subject
      );
    default:
      return unreachable(command);
  }
}

function undoes(event: Event, { type }: Traceable): boolean {
  switch (type) {
    case 'SetLimits':
      return event.type === 'LimitsSet';
    case 'EngageKillSwitch':
      return event.type === 'KillSwitchReleased';
    case 'ReleaseKillSwitch':
      return event.type === 'KillSwitchEngaged';
    case 'RecordAccess':
      return false; // what was done stays done
    default:
      return unreachable(type);
  }
}
