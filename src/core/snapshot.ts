/** The state as plain data and back: what a snapshot holds, and what the state hash is taken of. */
import { initialState, type State } from './state.ts';

/** Plain data (arrays, strings, numbers, bigints, Uint8Arrays), in an order that the fold alone decides. */
export type StateDump = readonly unknown[];

export function dump(_state: State): StateDump {
  return [];
}

/** The inverse of {@link dump}. */
export function restore(_dump: StateDump): State {
  return initialState();
}
