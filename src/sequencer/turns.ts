/** Those who wait for their turn at the sequencer: a command to be committed, or a question to be answered. */
import type { Command } from '../core/commands.ts';
import type { Event } from '../core/events.ts';
import type { State } from '../core/state.ts';
import { InvariantBroken } from '../core/values/assert.ts';
import type { Micros, Position } from '../core/values/names.ts';
import type { Attribution, Committed, SourceMark } from '../journal/entry.ts';
import type { TurnTrace } from './turn-trace.ts';

/**
 * Who is admitted beside whom. Each lane has its own bound, so that a flood in one shuts nobody out of another:
 * a burst of orders leaves room for cancels, both leave room for the house (what venues report, limits, the kill
 * switch), and logins and questions take from nobody. Within the sequence all lanes are one: first come, first served.
 */
export type Lane = 'orders' | 'cancels' | 'house' | 'access' | 'reads';

export const LANE_OF: Readonly<Record<Command['type'], Lane>> = {
  PlaceOrder: 'orders',
  CancelOrder: 'cancels',
  ReportFromVenue: 'house',
  EngageKillSwitch: 'house',
  ReleaseKillSwitch: 'house',
  SetLimits: 'house',
  OpenTrading: 'house',
  CloseTrading: 'house',
  StartTradingDay: 'house',
  ListInstrument: 'house',
  SampleMarks: 'house',
  RecordAccess: 'access',
};

const NOTHING: readonly Event[] = [];

/** A command on its way. Its outcome is filled in when it is decided and handed out when that is committed. */
export class CommandTurn {
  readonly lane: Lane;
  readonly command: Command;
  readonly by: Attribution;
  /** Undefined: it came in by a door of this process. */
  readonly source: SourceMark | undefined;
  readonly #resolve: (committed: Committed) => void;
  readonly reject: (reason: unknown) => void;
  at = 0 as Micros;
  /** When it came into the queue, by the steady clock; 0 where nobody measures. */
  enteredMs = 0;
  position = 0 as Position;
  events: readonly Event[] = NOTHING;
  /** Undefined: the command is not traced. */
  trace: TurnTrace | undefined = undefined;

  constructor(
    command: Command,
    by: Attribution,
    resolve: (committed: Committed) => void,
    reject: (reason: unknown) => void,
    source?: SourceMark,
  ) {
    this.source = source;
    this.lane = LANE_OF[command.type];
    this.command = command;
    this.by = by;
    this.#resolve = resolve;
    this.reject = reject;
  }

  /** Tells the caller. Only once everything up to `position` is committed. */
  answer(): void {
    this.#resolve({ at: this.at, position: this.position, events: this.events });
  }
}

/** A question on its way. It is put to the state in turn, and its answer waits for the facts that it rests on. */
export class ReadTurn {
  readonly lane = 'reads';
  /** Looks at the state, and returns how to tell the asker what it saw. */
  readonly #look: (state: State) => () => void;
  readonly reject: (reason: unknown) => void;
  #tell: (() => void) | undefined;

  constructor(look: (state: State) => () => void, reject: (reason: unknown) => void) {
    this.#look = look;
    this.reject = reject;
  }

  /** @throws InvariantBroken when the question came upon one. Any other error is its asker's own, who hears of it */
  put(state: State): void {
    try {
      this.#tell = this.#look(state);
    } catch (error) {
      if (error instanceof InvariantBroken) throw error;
      this.#tell = () => this.reject(error);
    }
  }

  answer(): void {
    this.#tell?.();
  }
}

export type Turn = CommandTurn | ReadTurn;
