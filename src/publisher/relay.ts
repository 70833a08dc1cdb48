/** Tells the bus what is in the journal: every fact of one shard, in order, at least once. */
import type { Announcement, Announcer } from '../bus/announcer.ts';
import type { Position } from '../core/values/names.ts';
import { asFault } from '../database/outage.ts';
import { Fault } from '../faults/fault.ts';
import { decodeBatch } from '../journal/codec.ts';
import type { CommittedBatch } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import { Attention } from '../projections/attention.ts';
import type { FactSpans, Heeded } from '../projections/fact-spans.ts';
import { checkpointOf, standingsOf } from './checkpoint-text.ts';
import { Messages } from './messages.ts';
import type { Checkpoint, Published } from './published.ts';
import { Standings } from './standings.ts';

/** How much at a time, and how patiently. */
export interface Tempo {
  /** At most about this many messages are under way, and as many again being made (a batch is never cut). */
  readonly messagesMax: number;
  /** After so many facts the relay writes down what it knows, so that a start need not read the whole journal. */
  readonly checkpointFacts: number;
  /** At least this long from one wake-up's work to the next: a request takes as long for a few messages as for many. */
  readonly paceMs: number;
  /** The journal is looked at this often even if nobody pokes. */
  readonly pollMs: number;
  /** The first wait after trouble; doubles up to `retryMsMax`. */
  readonly retryMs: number;
  readonly retryMsMax: number;
}

export const TEMPO: Tempo = {
  messagesMax: 1_500, // about what fits into one request: what is left over would be a second, small one
  checkpointFacts: 200_000,
  paceMs: 100,
  pollMs: 1_000,
  retryMs: 100,
  retryMsMax: 5_000,
};

export interface RelayHooks {
  /** The brokers hold everything up to `position`. */
  readonly onProgress?: (position: Position) => void;
  /** Nothing more is known to tell until the next poke or poll. */
  readonly onIdle?: (position: Position) => void;
  /** An outage; it is tried again after `retryMs`. */
  readonly onTrouble?: (fault: Fault, retryMs: number) => void;
}

export interface RelayOptions extends RelayHooks {
  readonly shard: string;
  readonly journal: Pick<Journal, 'read' | 'head'>;
  readonly announcer: Announcer;
  readonly published: Published;
  readonly tempo?: Partial<Tempo> | undefined;
  /** Undefined: no fact is traced. */
  readonly spans?: FactSpans | undefined;
}

/** A part of the journal, ready to be told. */
interface Stretch {
  readonly messages: readonly Announcement[];
  readonly end: Position;
  /** What is known at its end, where it is time to write that down. */
  readonly checkpoint: Checkpoint | undefined;
  readonly traced: readonly Heeded[];
}

/** What the relay has in hand. It outlives outages: only a start begins from the checkpoint. */
interface Hold {
  readonly standings: Standings;
  /** Made and not yet under way. */
  messages: Announcement[];
  /** Where the last stretch ended. */
  cutAt: Position;
  checkpointAt: Position;
}

export class Relay {
  readonly #options: RelayOptions;
  readonly #tempo: Tempo;
  readonly #writing: Messages;
  readonly #attention: Attention;
  #position = 0 as Position;
  #running: Promise<void> | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#tempo = { ...TEMPO, ...options.tempo };
    this.#attention = new Attention(this.#tempo.pollMs);
    this.#writing = new Messages(options.shard, (entry) => options.spans?.traceparentOf(entry));
  }

  /** The last fact that the brokers hold; 0 until it is known. */
  get position(): Position {
    return this.#position;
  }

  /** How many facts the bus is behind the newest that was told of. */
  get lag(): number {
    return Math.max(0, this.#attention.poked - this.#position);
  }

  /** Runs until {@link stop}. Waits outages out; rejects with what trying again does not help. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** There are facts up to `position`. */
  poke(position: Position): void {
    this.#attention.poke(position);
  }

  /** Ends after what is under way; what fails then is told again by whoever goes on. */
  async stop(): Promise<void> {
    this.#attention.end();
    await this.#running?.catch(() => {}); // whoever awaits `run` hears of it
  }

  async #run(): Promise<void> {
    const hold = await this.#patiently(() => this.#begin());
    while (hold !== undefined && !this.#attention.signal.aborted) {
      const begun = performance.now();
      await this.#patiently(() => this.#follow(hold));
      if (this.#attention.signal.aborted) return;
      this.#options.onIdle?.(this.#position);
      await this.#attention.news(this.#position);
      await this.#attention.rest(this.#tempo.paceMs - (performance.now() - begun));
    }
  }

  /** `work`'s outcome, however often it takes; undefined when stopping. @throws what trying again does not help */
  async #patiently<T>(work: () => Promise<T>): Promise<T | undefined> {
    let { retryMs } = this.#tempo;
    for (;;) {
      const begunAt = this.#position;
      try {
        return await work();
      } catch (error) {
        const fault = asFault(error);
        if (!(fault instanceof Fault && fault.mayRetry)) throw error;
        if (this.#attention.signal.aborted) return undefined;
        if (this.#position > begunAt) retryMs = this.#tempo.retryMs; // it was well in between
        this.#options.onTrouble?.(fault, retryMs);
        await this.#attention.rest(retryMs);
        if (this.#attention.signal.aborted) return undefined;
        retryMs = Math.min(retryMs * 2, this.#tempo.retryMsMax);
      }
    }
  }

  /** Learns what was known when the last fact was told: from the checkpoint on, and from the facts after it. */
  async #begin(): Promise<Hold> {
    const { shard, journal, published } = this.#options;
    const position = await published.position(shard);
    const head = await journal.head();
    if (head.position < position) throw beyond(position, head.position);
    const kept = await published.checkpoint(shard);
    const usable = kept !== undefined && kept.position <= position ? standingsOf(kept) : undefined;
    const standings = usable ?? new Standings();
    const checkpointAt = standings.position;
    if (checkpointAt < position) {
      for await (const sealed of journal.read(checkpointAt)) {
        if (standings.position >= position || this.#attention.signal.aborted) break;
        this.#fold(standings, decodeBatch(sealed), undefined);
      }
    }
    this.#position = position;
    return { standings, messages: [], cutAt: position, checkpointAt };
  }

  /** Tells all there is. While one stretch is under way, the next one is made. */
  async #follow(hold: Hold): Promise<void> {
    let telling = Promise.resolve(true);
    try {
      for await (const stretch of this.#stretches(hold)) {
        if (!(await telling)) return;
        telling = this.#tell(stretch);
        telling.catch(() => {}); // it is awaited below; meanwhile the next stretch is made
      }
    } finally {
      await telling;
    }
  }

  async *#stretches(hold: Hold): AsyncGenerator<Stretch> {
    const { standings } = hold;
    const { signal } = this.#attention;
    for await (const sealed of this.#options.journal.read(standings.position)) {
      if (signal.aborted) return;
      this.#fold(standings, decodeBatch(sealed), hold.messages);
      if (hold.messages.length >= this.#tempo.messagesMax) yield this.#cut(hold);
    }
    // A read that failed in mid-way has left its messages in hand: they go with the next.
    if (standings.position > hold.cutAt && !signal.aborted) yield this.#cut(hold);
  }

  #fold(standings: Standings, batch: CommittedBatch, messages: Announcement[] | undefined): void {
    const { firstPosition, entries } = batch;
    if (messages !== undefined) this.#options.spans?.heed(batch, standings.position);
    let position = firstPosition as number;
    for (const entry of entries) {
      for (const event of entry.events) {
        const at = position++ as Position;
        if (at <= standings.position) continue;
        standings.apply(event, at, (moment) => {
          if (messages !== undefined) this.#writing.tell(messages, entry, event, at, moment);
        });
      }
    }
  }

  #cut(hold: Hold): Stretch {
    const { messages, standings } = hold;
    hold.messages = [];
    const end = standings.position;
    hold.cutAt = end;
    const isTime = end - hold.checkpointAt >= this.#tempo.checkpointFacts;
    if (isTime) hold.checkpointAt = end;
    const traced = this.#options.spans?.cut() ?? [];
    return { messages, traced, end, checkpoint: isTime ? checkpointOf(standings) : undefined };
  }

  /**
   * The same messages as often as it takes, so that those of one key stay in their order. False: it was stopped before
   * all were told, and nothing after them may be.
   */
  async #tell({ messages, traced, end, checkpoint }: Stretch): Promise<boolean> {
    const { shard, announcer, published, spans } = this.#options;
    const done = await this.#patiently(async () => {
      const begun = performance.now();
      await announcer.announce(messages);
      spans?.done(traced, begun);
      return true;
    });
    if (done === undefined) return false;
    this.#position = end;
    await this.#patiently(() => published.move(shard, end));
    this.#options.onProgress?.(end);
    if (checkpoint !== undefined) await this.#patiently(() => published.keep(shard, checkpoint));
    return true;
  }
}

const beyond = (told: Position, end: Position): Fault =>
  new Fault('JOURNAL_BEHIND', `the bus was told up to ${told}, the journal ends at ${end}`);
