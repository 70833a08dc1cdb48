/** The single writer of a shard: stamps, decides, appends, evolves, answers and announces; recovers by starting anew. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../core/commands.ts';
import type { State } from '../core/state.ts';
import { assert } from '../core/values/assert.ts';
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Attribution, Committed, CommittedBatch, SourceMark } from '../journal/entry.ts';
import { harmless } from '../telemetry/harmless.ts';
import type { Batch } from './batch.ts';
import type { Engine, EngineStatus } from './engine.ts';
import { Listeners } from './listeners.ts';
import { BACKOFF_MS, BATCH, type SequencerOptions, WAITING_MAX } from './options.ts';
import { recover } from './recovery.ts';
import { snapshotOf } from './snapshots.ts';
import { Tenure } from './tenure.ts';
import { TurnSpans } from './turn-spans.ts';
import { CommandTurn, LANE_OF, ReadTurn } from './turns.ts';
import { Writer } from './writer.ts';

/** The journal or its snapshots did not answer: what a recovery may mend. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof Fault && (error.code === 'JOURNAL_UNAVAILABLE' || error.code === 'DATABASE_UNAVAILABLE');

export class Sequencer implements Engine {
  readonly #options: SequencerOptions;
  readonly #onBatch = new Listeners<CommittedBatch>();
  readonly #onStatus = new Listeners<EngineStatus>();
  readonly #stopping = new AbortController();
  readonly #tenure: Tenure;
  readonly #spans: TurnSpans | undefined;
  #status: EngineStatus = 'starting';
  /** The newest committed fact, and the newest that subscribers were told of: they are one. */
  #position = 0 as Position;
  /** Undefined until the first recovery. */
  #epoch: number | undefined;
  #snapshotPosition = 0 as Position;
  #source: SourceMark | undefined;
  #writer: Writer | undefined;
  /** The recovery under way, at start or after a failure. */
  #recovering: Promise<void> | undefined;

  constructor(options: SequencerOptions) {
    const { tracing, shard } = options;
    this.#options = options;
    this.#spans = tracing === undefined ? undefined : new TurnSpans(tracing, shard);
    this.#tenure = new Tenure(options.journal, options.moment);
  }

  get status(): EngineStatus {
    return this.#status;
  }

  get position(): Position {
    return this.#position;
  }

  /** Position of the snapshot that the next start would begin with; 0: none. */
  get snapshotPosition(): Position {
    return this.#snapshotPosition;
  }

  /** The writer's own, as it claimed the shard last; 0 before the first claim. */
  get epoch(): number {
    return this.#epoch ?? 0;
  }

  /** How far the bus was taken in when the newest recovery ended: go on from there. */
  get source(): SourceMark | undefined {
    return this.#source;
  }

  /** How many turns wait to be decided. */
  get waiting(): number {
    return this.#writer?.waiting ?? 0;
  }

  /**
   * Recovers the state from the journal and begins to take commands. Once only.
   * @throws Fault JOURNAL_UNAVAILABLE, JOURNAL_CORRUPT
   * @throws InvariantBroken when the journal's facts do not fit together
   */
  async start(): Promise<void> {
    assert(this.#status === 'starting' && this.#recovering === undefined, 'a sequencer is started once');
    this.#recovering = this.#recover();
    try {
      await this.#recovering;
    } catch (error) {
      this.#become('stopped');
      throw error;
    }
    this.#run();
  }

  /**
   * Refuses what comes from now on, commits what waits, and keeps a snapshot.
   * Resolves when nothing is left to do; also when the journal is gone and what waited was rejected.
   */
  async stop(options: { readonly snapshot: boolean } = { snapshot: true }): Promise<void> {
    if (this.#status === 'stopped' || this.#status === 'stopping') return;
    this.#become('stopping');
    this.#stopping.abort();
    await this.#recovering?.catch(() => undefined); // whoever started it hears of it
    const writer = this.#writer;
    await writer?.drain();
    if (options.snapshot && this.#writer !== undefined) await this.#keepSnapshot(this.#writer.state);
    this.#writer = undefined;
    if (this.status === 'stopping') this.#become('stopped');
  }

  /** False: {@link submit} would say SEQUENCER_BUSY now. */
  hasRoomFor(command: Command): boolean {
    return this.#writer?.hasRoomIn(LANE_OF[command.type]) ?? true;
  }

  submit(command: Command, by: Attribution, source?: SourceMark): Promise<Committed> {
    return new Promise((resolve, reject) => {
      const turn = new CommandTurn(command, by, resolve, reject, source);
      this.#tell(() => this.#spans?.enter(turn));
      this.#open().enqueue(turn);
    });
  }

  read<T>(question: (state: State) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const writer = this.#open();
      const look = (state: State): (() => void) => {
        const answer = question(state);
        return () => resolve(answer);
      };
      const turn = new ReadTurn(look, reject);
      if (!writer.isIdle) return writer.enqueue(turn);
      try {
        turn.put(writer.state);
      } catch (error) {
        this.#die(error);
        throw error;
      }
      turn.answer();
    });
  }

  proveOwnership(): Promise<void> | undefined {
    return this.#status === 'running' && this.#tenure.isProved ? undefined : this.#askOwnership();
  }

  subscribe(listener: (batch: CommittedBatch) => void): () => void {
    return this.#onBatch.add(listener);
  }

  onStatus(listener: (status: EngineStatus) => void): () => void {
    return this.#onStatus.add(listener);
  }

  /** A journal that says no, or nothing, to this is treated as if it had to an append. */
  async #askOwnership(): Promise<void> {
    const writer = this.#open();
    try {
      await this.#tenure.confirm();
    } catch (error) {
      writer.fail(error);
      throw error;
    }
  }

  /** @throws Fault SEQUENCER_STOPPED */
  #open(): Writer {
    if (this.#status !== 'running' || this.#writer === undefined) {
      throw new Fault('SEQUENCER_STOPPED', `it is ${this.#status}`);
    }
    return this.#writer;
  }

  /** Makes a new writer from the journal: the one way, at start and after a failure. */
  async #recover(): Promise<void> {
    const { journal, snapshots, onProgress, onWarning } = this.#options;
    const isFirst = this.#epoch === undefined;
    const recovered = await recover({
      journal,
      snapshots,
      // Facts whose append lost its answer are told now. At start there are none: readers keep their own position.
      ...(isFirst ? {} : { tell: this.#announce, tellAfter: this.#position }),
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(onWarning === undefined ? {} : { onWarning }),
    });
    this.#position = recovered.head.position;
    this.#epoch = recovered.epoch;
    this.#snapshotPosition = recovered.snapshotPosition;
    this.#source = recovered.source;
    this.#writer = new Writer(recovered, {
      shard: this.#options.shard,
      journal,
      clock: this.#options.clock,
      batch: { ...BATCH, ...this.#options.batch },
      laneMax: this.#options.waitingMax ?? WAITING_MAX,
      now: () => this.#tenure.now(),
      timings: this.#options.timings,
      onCommitted: this.#onCommitted,
      onOver: this.#onOver,
    });
  }

  #run(): void {
    if (this.#status === 'starting' || this.#status === 'recovering') this.#become('running');
  }

  readonly #onCommitted = (batch: Batch, seconds: number): void => {
    if (batch.sentAt !== undefined) this.#tenure.prove(batch.sentAt);
    try {
      this.#announce(batch.committed);
    } catch (error) {
      this.#die(error);
    }
    const bytes = batch.sealed?.body.length ?? 0;
    const { length: commands } = batch.entries;
    this.#tell(() => this.#options.onCommit?.({ commands, events: batch.count, bytes, seconds }));
    this.#tell(() => this.#spans?.committed(batch));
  };

  /** Whoever watches stops no writer. */
  #tell(tell: () => void): void {
    harmless(tell, (error) => this.#options.onWarning?.('what was done could not be told', error));
  }

  readonly #announce = (batch: CommittedBatch): void => {
    this.#position = batch.lastPosition;
    this.#onBatch.tell(batch);
  };

  readonly #onOver = (reason: unknown): void => {
    this.#writer = undefined;
    if (!isUnavailable(reason)) return this.#die(reason);
    this.#options.onWarning?.('the journal was lost; recovering', reason);
    if (this.#status !== 'running') return;
    this.#become('recovering');
    this.#recovering = this.#recoverInTime().catch((error: unknown) => this.#die(error));
  };

  /** Tries until the journal is back or the sequencer is stopped. @throws what trying again would not mend */
  async #recoverInTime(): Promise<void> {
    const { first, most } = this.#options.backoffMs ?? BACKOFF_MS;
    for (let delay = first; !this.#stopping.signal.aborted; delay = Math.min(2 * delay, most)) {
      try {
        await this.#recover();
        return this.#run();
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        this.#options.onWarning?.(`the journal is still lost; next attempt in ${delay} ms`, error);
      }
      const isCut = { signal: this.#stopping.signal, ref: true };
      await sleep(delay, undefined, isCut).catch(() => undefined); // stop() cuts it short
    }
  }

  async #keepSnapshot(state: State): Promise<void> {
    const { journal, snapshots, onWarning } = this.#options;
    if (snapshots === undefined || this.#position === this.#snapshotPosition) return;
    try {
      const head = await journal.head();
      if (head.position !== this.#position) return; // another writer has gone on, and will keep its own
      await snapshots.save(snapshotOf(state, head));
      this.#snapshotPosition = this.#position;
    } catch (error) {
      onWarning?.('no snapshot was kept; the next start folds a longer tail', error);
    }
  }

  /** A bug or another writer: nothing may go on. */
  #die(error: unknown): void {
    if (this.#status === 'stopped') return;
    this.#status = 'stopped';
    this.#writer?.fail(error);
    this.#writer = undefined;
    try {
      this.#onStatus.tell('stopped');
    } finally {
      this.#options.onFatal(error);
    }
  }

  #become(status: EngineStatus): void {
    this.#status = status;
    try {
      this.#onStatus.tell(status);
    } catch (error) {
      this.#die(error);
    }
  }
}
