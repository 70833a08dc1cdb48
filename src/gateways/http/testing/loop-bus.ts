/** A command bus within the process: what is sent is written out, read back, and handed to the real engine of its shard. */
import type { CommandSender } from '../../../bus/commands.ts';
import type { Dispatch, Outcome } from '../../../bus/dispatch.ts';
import { decodeDispatch, encodeDispatch } from '../../../bus/dispatch-codec.ts';
import { Fault } from '../../../faults/fault.ts';
import type { Engine } from '../../../sequencer/engine.ts';

export class LoopBus implements CommandSender {
  readonly #engines: ReadonlyMap<string, Engine>;
  readonly #waitMs: number;
  readonly #waiting = new Map<string, (outcome: Outcome | undefined) => void>();
  /** Is the line up that the answers come over? */
  isUp = true;
  /** Shards whose answers get lost. */
  readonly deaf = new Set<string>();
  /** Shards that no command gets to. */
  readonly cut = new Set<string>();
  /** Shards whose engine takes nothing in just now. */
  readonly asleep = new Set<string>();
  readonly #kept: Dispatch[] = [];
  /** All that came over. */
  readonly carried: Dispatch[] = [];

  constructor(engines: ReadonlyMap<string, Engine>, waitMs: number) {
    this.#engines = engines;
    this.#waitMs = waitMs;
  }

  async send(dispatch: Dispatch): Promise<void> {
    if (this.cut.has(dispatch.shard)) throw new Fault('BUS_UNAVAILABLE', 'cut');
    const arrived = decodeDispatch(encodeDispatch(dispatch));
    this.carried.push(arrived);
    if (this.asleep.has(arrived.shard)) this.#kept.push(arrived);
    else void this.#take(arrived);
  }

  /** Every engine takes in what was kept for it. */
  wake(): void {
    this.asleep.clear();
    for (const dispatch of this.#kept.splice(0)) void this.#take(dispatch);
  }

  answerTo(commandId: string): Promise<Outcome | undefined> {
    const { promise, resolve } = Promise.withResolvers<Outcome | undefined>();
    const timer = setTimeout(() => this.forget(commandId), this.#waitMs);
    this.#waiting.set(commandId, (outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    });
    return promise;
  }

  forget(commandId: string): void {
    this.#waiting.get(commandId)?.(undefined);
    this.#waiting.delete(commandId);
  }

  async #take({ commandId, shard, command, by }: Dispatch): Promise<void> {
    const outcome = await this.#decided(shard, command, by);
    if (!this.isUp || this.deaf.has(shard)) return;
    this.#waiting.get(commandId)?.(outcome);
    this.#waiting.delete(commandId);
  }

  async #decided(shard: string, ...[command, by]: Parameters<Engine['submit']>): Promise<Outcome> {
    try {
      const engine = this.#engines.get(shard);
      if (engine === undefined) throw new Fault('SHARD_UNKNOWN', shard);
      return { kind: 'committed', committed: await engine.submit(command, by) };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { kind: 'fault', code: error.code, detail: error.detail };
    }
  }
}
