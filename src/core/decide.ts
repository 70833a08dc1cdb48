/** The one place where a command becomes facts. Reads the state and never writes it; no clock, no dice, no I/O. */
import type { Command } from './commands.ts';
import type { Event } from './events.ts';
import type { State } from './state.ts';

/** The facts that `command` brings about; none where it changes nothing (a report that was heard before). */
export function decide(_state: State, _command: Command): readonly Event[] {
  return [];
}
