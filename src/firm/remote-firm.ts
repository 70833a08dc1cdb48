/** The firm where its engines run elsewhere: commands go over the bus, answers and views come back by themselves. */
import { uuidv7 } from 'uuidv7';
import type { AnswerDesk } from '../bus/answer-desk.ts';
import type { CommandSender } from '../bus/commands.ts';
import type { Dispatch, Outcome, RemoteCommand } from '../bus/dispatch.ts';
import { priorityOf } from '../bus/priority.ts';
import type { Cache } from '../cache/cache.ts';
import type { Channels } from '../cache/channels.ts';
import type { Command } from '../core/commands.ts';
import type { Instrument } from '../core/instruments/instrument.ts';
import type { FirmPosition } from '../core/positions/book.ts';
import type { RiskMetrics } from '../core/risk/metrics.ts';
import { assert } from '../core/values/assert.ts';
import type { AccountId, Micros, OrderId, Ticker } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Attribution, Committed } from '../journal/entry.ts';
import type { ShardCommand } from '../sequencer/carried-out.ts';
import type { Clock } from '../sequencer/clock.ts';
import type { EngineStatus } from '../sequencer/engine.ts';
import { harmless } from '../telemetry/harmless.ts';
import type { Asked, CommandSpans } from './command-spans.ts';
import type { Firm, Holder, Positions, ShardOutcome } from './firm.ts';
import type { FirmStore } from './firm-store.ts';
import { Holders } from './holders.ts';
import { inTime } from './in-time.ts';
import type { Listings } from './listings.ts';
import type { Roster } from './roster.ts';
import type { ShardAssignments } from './shard-assignments.ts';
import type { LimitsView } from './shard-view.ts';
import type { ShardViews } from './shard-views.ts';
import { sumOfMetrics, sumOfPositions } from './sums.ts';
import { isWitnessed, type Witness } from './witness.ts';

/** Whoever halts waits no longer than this to hear which shards there are, in milliseconds. */
const ROSTER_MS = 4_000;

export interface RemoteFirmOptions {
  /** This node's name: answers are addressed to it. */
  readonly node: string;
  readonly roster: Roster;
  readonly assignments: ShardAssignments;
  readonly sender: CommandSender;
  /** Where the answers to this node's commands come in; it knows how long they are waited for. */
  readonly answers: Pick<AnswerDesk, 'answerTo' | 'forget'>;
  /** What the answers come over: while it is down nobody waits for any, they would be lost. */
  readonly line: Pick<Channels, 'isUp'>;
  /** Looks for what must be known to be done, where no answer says it. */
  readonly witness: Pick<Witness, 'find'>;
  readonly views: ShardViews;
  readonly listings: Listings;
  readonly store: Pick<FirmStore, 'heads' | 'dealAlone'>;
  readonly cache: Cache;
  readonly clock: Clock;
  /** An order that comes to its engine later than this is refused, in milliseconds. */
  readonly deadlineMs: number;
  /** Undefined: no command is traced. */
  readonly spans?: CommandSpans | undefined;
}

export class RemoteFirm implements Firm {
  readonly home: string;
  /** The engines' own affairs are theirs: what is sent here waits for them. */
  readonly status: EngineStatus = 'running';
  readonly #options: RemoteFirmOptions;
  readonly #holders: Holders;

  constructor(options: RemoteFirmOptions) {
    const [home] = options.roster.own;
    assert(home !== undefined, 'a firm has a shard');
    this.#options = options;
    this.#holders = new Holders(options);
    this.home = home;
  }

  isOpen(): Promise<boolean> {
    return this.#options.views.areOpen();
  }

  shardOf(account: AccountId): string | Promise<string> {
    return this.#options.assignments.shardOf(account);
  }

  async submit(shard: string, command: Command, by: Attribution): Promise<Committed> {
    if (!this.#options.roster.own.includes(shard)) throw new Fault('SHARD_UNKNOWN', shard);
    const asked = remote(command);
    const held = asked.type === 'PlaceOrder' ? asked.order : undefined;
    const dispatch = this.#dispatchOf(shard, asked, by);
    const outcome = await this.#ask(dispatch);
    if (held !== undefined) this.#holders.note(held, dispatch, outcome !== undefined);
    if (outcome === undefined) return await this.#witnessed(dispatch);
    if (outcome.kind === 'fault') throw new Fault(outcome.code, outcome.detail);
    return outcome.committed;
  }

  async submitToAll(
    commandFor: (shard: string) => ShardCommand,
    by: Attribution,
  ): Promise<readonly ShardOutcome[]> {
    const [strangers, ...outcomes] = await Promise.all([
      this.#strangers(),
      ...this.#options.roster.own.map(async (shard): Promise<ShardOutcome> => {
        try {
          const committed = await this.submit(shard, commandFor(shard), by);
          return { shard, committed, fault: undefined };
        } catch (error) {
          return notApplied(shard, error);
        }
      }),
    ]);
    return [...outcomes, ...strangers];
  }

  async limits(atLeast: Positions): Promise<readonly LimitsView[]> {
    await this.#options.roster.renew(); // whether all are halted, and what all may hold, is not said of some
    const views = await this.#options.views.read(atLeast);
    return views.map(({ shard, at, limits, metrics: { isKillSwitchEngaged } }) => ({
      shard,
      at,
      limits,
      isKillSwitchEngaged,
    }));
  }

  dealAlone<T>(work: () => Promise<T>): Promise<T> {
    return this.#options.store.dealAlone(work);
  }

  async metrics(atLeast: Positions): Promise<RiskMetrics> {
    return sumOfMetrics(await this.#options.views.read(atLeast));
  }

  async positions(atLeast: Positions): Promise<readonly FirmPosition[]> {
    const views = await this.#options.views.read(atLeast);
    return sumOfPositions(views.map(({ positions }) => positions));
  }

  /** Of orders placed here, and of those that some node got no answer for; SQL knows the rest. */
  holderOf(orderId: OrderId): Promise<Holder | undefined> {
    return this.#holders.of(orderId);
  }

  mayWorkUnseen(orderId: OrderId): boolean {
    return this.#holders.mayExist(orderId);
  }

  mayBeUnderWay(orderId: OrderId): boolean {
    return this.#holders.mayBeUnderWay(orderId);
  }

  instrument(ticker: Ticker): Instrument | undefined {
    return this.#options.listings.get(ticker);
  }

  async instruments(): Promise<readonly Instrument[]> {
    return this.#options.listings.all;
  }

  heads(): Promise<Positions> {
    const { store, roster } = this.#options;
    return store.heads(roster.all);
  }

  /** What this node has no way to, as of the moment when it is asked: whoever is told of all must hear of them. */
  async #strangers(): Promise<readonly ShardOutcome[]> {
    const { roster } = this.#options;
    try {
      const all = await inTime(ROSTER_MS, roster.renew());
      if (all === undefined) throw new Fault('DATABASE_UNAVAILABLE', 'the list of shards');
      const remedy =
        'added since this node was started; ask a newer node, or restart this one with all SHARDS';
      return all
        .slice(roster.own.length)
        .map((shard) => notApplied(shard, new Fault('SHARD_UNKNOWN', `${shard}, ${remedy}`)));
    } catch (error) {
      return [notApplied('(any others)', error)];
    }
  }

  /** Undefined: no answer in time. @throws Fault BUS_UNAVAILABLE or SEQUENCER_BUSY: it was not sent */
  async #ask(dispatch: Dispatch): Promise<Outcome | undefined> {
    const { answers, sender, line, spans } = this.#options;
    const answered = answers.answerTo(dispatch.commandId, priorityOf(dispatch.command));
    const traced = harmless(() => spans?.begin(dispatch));
    const trace = (tell: (spans: CommandSpans, traced: Asked) => void): void => {
      if (spans !== undefined && traced !== undefined) harmless(() => tell(spans, traced));
    };
    return await new Promise((resolve, reject) => {
      answered.then((outcome) => {
        trace((to, asked) => to.heard(asked, outcome));
        resolve(outcome);
      }, reject);
      const isSent = (): void => {
        trace((to, asked) => to.sent(asked));
        if (!line.isUp) answers.forget(dispatch.commandId);
      };
      const isNotSent = (error: unknown): void => {
        trace((to, asked) => to.sent(asked, error instanceof Fault ? error.code : 'INTERNAL'));
        // It may be there all the same, and an answer would tell.
        if (error instanceof Fault && error.code === 'COMMAND_IN_DOUBT') return;
        reject(error);
        answers.forget(dispatch.commandId);
      };
      sender.send(dispatch).then(isSent, isNotSent);
    });
  }

  /**
   * Nobody is let in who is not recorded, nobody is kept out for a lost answer, and whoever halts must know: the journal
   * is asked instead.
   */
  async #witnessed(dispatch: Dispatch): Promise<Committed> {
    const found = isWitnessed(dispatch) ? await this.#options.witness.find(dispatch) : undefined;
    if (found === undefined) throw new Fault('COMMAND_IN_DOUBT');
    return found;
  }

  #dispatchOf(shard: string, command: RemoteCommand, by: Attribution): Dispatch {
    const { node, clock, deadlineMs } = this.#options;
    const sentAt = clock.now();
    const askedAt = by.askedAt ?? sentAt;
    const deadline = isPerishable(command) ? ((askedAt + deadlineMs * 1000) as Micros) : undefined;
    // An order has one already, and is sent once: asked again, the door makes another order of it.
    const commandId = command.type === 'PlaceOrder' ? command.order.orderId : uuidv7();
    return { commandId, shard, command, by, sentAt, deadline, replyTo: node };
  }
}

function notApplied(shard: string, error: unknown): ShardOutcome {
  if (!(error instanceof Fault)) throw error;
  return { shard, committed: undefined, fault: error };
}

/** What nobody wants any more after a while. A cancel, a halt, a lower limit are never too late. */
const isPerishable = ({ type }: RemoteCommand): boolean =>
  type === 'PlaceOrder' || type === 'ReleaseKillSwitch';

/** The engine samples its own market: the quote of this node is not sent. */
function remote(command: Command): RemoteCommand {
  switch (command.type) {
    case 'PlaceOrder':
      return { ...command, quote: undefined };
    case 'CancelOrder':
    case 'SetLimits':
    case 'EngageKillSwitch':
    case 'ReleaseKillSwitch':
    case 'RecordAccess':
      return command;
    default:
      throw new Fault('INTERNAL', `${command.type} is not for the bus`);
  }
}
