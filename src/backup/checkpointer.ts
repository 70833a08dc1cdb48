/** Writes checkpoints of a shard while its engine runs: at intervals, where there is news, and at the stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import type { Journal, Snapshots } from '../journal/journal.ts';
import { type Checkpoint, type CheckpointKey, hashOfLine, lineOf } from './checkpoint.ts';
import { appendLine, readLines, signingKey } from './checkpoint-files.ts';
import { mirroredName, notIn } from './checkpoint-mirror.ts';
import type { Vault } from './vault.ts';

export interface CheckpointerOptions {
  readonly shard: string;
  readonly journal: Pick<Journal, 'head' | 'read'>;
  /** Where states are known from; undefined: checkpoints tell of none. */
  readonly snapshots: Pick<Snapshots, 'kept'> | undefined;
  /** One node's own: two writers of one file would deny each other. */
  readonly folder: string;
  /** PEM, Ed25519; undefined: a key is made once in the folder. */
  readonly keyFile: string | undefined;
  /** Where each checkpoint is kept a second time, out of reach of this machine. */
  readonly mirror?: Vault | undefined;
  readonly everyMs: number;
  /** Trading goes on without checkpoints, but somebody should hear of it. */
  readonly onWarning: (says: string, cause: unknown) => void;
  /** ISO 8601, UTC. */
  readonly now?: () => string;
}

export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #stopping = new AbortController();
  #key: CheckpointKey | undefined;
  #running: Promise<void> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();
  #lastPosition: number | undefined;
  /** So many lines are known to be kept a second time; undefined: somebody has to look. */
  #mirrored: number | undefined;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /**
   * Holds the journal against the last checkpoint, and goes on from there.
   * @throws Fault JOURNAL_BEHIND: the journal ends before it, so facts that were promised are gone
   * @throws Fault JOURNAL_CORRUPT: the journal has another row there, so history was rewritten
   * @throws Fault CONFIG_INVALID, BACKUP_UNAVAILABLE: the folder or the key
   */
  async start(): Promise<void> {
    const { folder, keyFile } = this.#options;
    this.#key = await signingKey(folder, keyFile);
    const last = await this.#lastWritten();
    if (last !== undefined) await this.#compare(last);
    this.#lastPosition = last?.position;
    await this.#tryWrite();
    this.#running = this.#run();
  }

  /** Writes the last one. Never rejects: the journal is as good without it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    if (this.#key !== undefined) await this.#tryWrite();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(this.#options.everyMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await this.#tryWrite();
    }
  }

  async #tryWrite(): Promise<void> {
    try {
      await this.write();
    } catch (error) {
      this.#options.onWarning(`no checkpoint of ${this.#options.shard} could be written`, error);
    }
  }

  /** Writes one now, where the journal has grown since the last one. @throws Fault JOURNAL_UNAVAILABLE, BACKUP_UNAVAILABLE */
  async write(): Promise<void> {
    const written = this.#writing.then(() => this.#write()); // one at a time: each names the one before
    this.#writing = written.catch(() => {});
    await written;
  }

  async #write(): Promise<void> {
    const { shard, journal, folder, mirror } = this.#options;
    const key = this.#key;
    if (key === undefined) throw new Error('the checkpointer has not started');
    const head = await journal.head();
    if (this.#lastPosition === head.position) return;
    const lines = await readLines(folder, shard);
    const previous = lines.at(-1);
    const checkpoint: Checkpoint = {
      version: 1,
      shard,
      sequence: lines.length + 1,
      position: head.position,
      head: head.hash?.toString('hex') ?? null,
      state: await this.#state(head.position),
      at: this.#options.now?.() ?? new Date().toISOString(),
      previous: previous === undefined ? null : hashOfLine(previous),
      key: key.id,
    };
    const line = lineOf(checkpoint, key);
    await appendLine(folder, shard, line);
    this.#lastPosition = head.position;
    if (mirror !== undefined) await this.#mirror(mirror, [...lines, line]);
  }

  /** Also those that could not be kept a second time when they were written. */
  async #mirror(mirror: Vault, lines: readonly string[]): Promise<void> {
    const missing = this.#mirrored === undefined ? await notIn(mirror, lines) : lines.slice(this.#mirrored);
    this.#mirrored = undefined;
    for (const line of missing) await mirror.write(mirroredName(line), bytesOf(line));
    this.#mirrored = lines.length;
  }

  async #state(position: Position): Promise<Checkpoint['state']> {
    const labels = (await this.#options.snapshots?.kept()) ?? [];
    const newest = labels.filter((label) => label.position <= position).at(-1);
    if (newest?.stateVersion === undefined) return null; // a hash that nobody could ever compare for sure
    const { position: at, stateHash, stateVersion: version } = newest;
    return { position: at, hash: stateHash.toString('hex'), version };
  }

  async #lastWritten(): Promise<Checkpoint | undefined> {
    const { folder, shard } = this.#options;
    const line = (await readLines(folder, shard)).at(-1);
    if (line === undefined) return undefined;
    try {
      return JSON.parse(line) as Checkpoint;
    } catch (error) {
      throw new Fault('BACKUP_INVALID', `the last checkpoint of ${shard} does not read`, { cause: error });
    }
  }

  async #compare({ position, head, at }: Checkpoint): Promise<void> {
    const { shard, journal } = this.#options;
    if (position === 0) return;
    const remedy =
      'run itirp verify --checkpoints; after a restore that lost facts, put the old checkpoints elsewhere';
    const end = await journal.head();
    if (end.position < position) {
      const says = `${shard} ends at ${end.position}, and at ${at} it ended at ${position}; ${remedy}`;
      throw new Fault('JOURNAL_BEHIND', says);
    }
    for await (const { firstPosition, count, hash } of journal.read((position - 1) as Position)) {
      const isSame = firstPosition + count - 1 === position && hash.toString('hex') === head;
      if (isSame) return;
      break;
    }
    throw new Fault('JOURNAL_CORRUPT', `${shard} has another row at ${position} than at ${at}; ${remedy}`);
  }
}

async function* bytesOf(line: string): AsyncGenerator<Buffer> {
  yield Buffer.from(line);
}
