/** Opens trading: at the start, and again after each recovery, once the venues are in line with the journal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../core/commands.ts';
import { Fault } from '../faults/fault.ts';
import type { Engine } from '../sequencer/engine.ts';
import { bySystem } from '../sequencer/house-keeping.ts';
import type { Log } from '../telemetry/log.ts';
import { LinkClosed } from '../venues/link.ts';
import { reconcile } from '../venues/reconcile.ts';
import type { Router } from '../venues/router.ts';

/** Between two attempts while the sequencer is busy: venues have more to say than it takes just then. */
const BUSY_WAIT_MS = 20;

export class Opening {
  readonly #engine: Engine;
  readonly #router: Router;
  readonly #log: Log;
  readonly #onBroken: (error: unknown) => void;
  #leave: () => void = () => {};
  /** Counts reconciliations: only the newest may open trading. */
  #round = 0;
  /** Settled each time trading is opened. */
  #opened = Promise.withResolvers<void>();

  /** `onBroken` hears of an error that nothing foresees, a bug: the process should stop. */
  constructor(engine: Engine, router: Router, log: Log, onBroken: (error: unknown) => void) {
    this.#engine = engine;
    this.#router = router;
    this.#log = log;
    this.#onBroken = onBroken;
  }

  /**
   * Closes trading, reconciles, opens it; from then on does so again after each recovery.
   * @throws Fault JOURNAL_UNAVAILABLE or SEQUENCER_STOPPED
   */
  async start(): Promise<void> {
    let hasFallen = false;
    this.#leave = this.#engine.onStatus((status) => {
      if (status === 'recovering') hasFallen = true;
      if (status !== 'running' || !hasFallen) return;
      hasFallen = false;
      this.#open('recovered').catch((error: unknown) => this.#take(error));
    });
    await this.#open('starting');
  }

  /** Resolves when trading is open, at once where it is. Never, where it is not opened again. */
  whenOpen(): Promise<void> {
    return this.#opened.promise;
  }

  stop(): void {
    this.#leave();
  }

  async #open(why: string): Promise<void> {
    this.#round += 1;
    this.#opened = Promise.withResolvers();
    const round = this.#round;
    await this.#submit({ type: 'CloseTrading', why }, why, round);
    const onProgress = (settled: number, total: number): void => {
      if (total > 0) this.#log.info({ settled, total }, 'reconciling working orders with the venue');
    };
    const counts = await reconcile(this.#router, { onProgress });
    const isOpen = await this.#submit({ type: 'OpenTrading' }, 'venues reconciled', round);
    if (!isOpen) return;
    this.#log.info({ ...counts }, 'trading is open');
    this.#opened.resolve();
  }

  /** False where a recovery came between: what was settled before it says nothing any more. */
  async #submit(command: Command, reason: string, round: number): Promise<boolean> {
    while (round === this.#round) {
      try {
        await this.#engine.submit(command, bySystem(reason));
        return true;
      } catch (error) {
        if (!(error instanceof Fault && error.code === 'SEQUENCER_BUSY')) throw error;
      }
      await sleep(BUSY_WAIT_MS);
    }
    return false;
  }

  /** The journal went away in the middle: the recovery that follows comes here again, unless this is the end. */
  #take(error: unknown): void {
    if (error instanceof LinkClosed) return; // stopped: the next start reconciles
    if (error instanceof Fault && error.mayRetry) {
      this.#log.warn(
        { fault: error.code },
        'reconciliation was interrupted; it begins anew after the recovery',
      );
    } else this.#onBroken(error);
  }
}
