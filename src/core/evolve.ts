/** The only writer of the state. It believes every event and decides nothing, so replay is a plain fold. */
import type { Event } from './events.ts';
import type { State } from './state.ts';

export function evolve(_state: State, _event: Event): void {}
