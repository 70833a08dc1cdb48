/** A shard's commands out of Kafka, from where its journal says on: through outages, and past what does not read. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../faults/fault.ts';
import type { SourceMark } from '../journal/entry.ts';
import type { Log } from '../telemetry/log.ts';
import type { CommandReader } from './commands.ts';
import type { Received } from './dispatch.ts';
import { decodeDispatch } from './dispatch-codec.ts';
import { type Helping, HUNGRY, nextHelping } from './kafka-appetite.ts';
import { type KafkaSettings, nameOf } from './kafka-connection.ts';
import { type Fetched, isOutOfRange, KafkaPartition, type RawMessage } from './kafka-partition.ts';
import { COMMANDS } from './topics.ts';

export interface KafkaReaderOptions {
  readonly settings: KafkaSettings;
  readonly shards: readonly string[];
  readonly clusterId: string;
  readonly log: Log;
  /** Keeps aside a message that does not read. */
  readonly bury?: ((where: string, value: Buffer) => Promise<void>) | undefined;
}

const RETRY_MS = { first: 100, most: 2_000 };
/** A new leader may for a moment know less than the old one had told. */
const CATCH_UP_LOOKS = 20;
const LOOK_MS = 500;
/** What does not read is kept aside so many at a time. */
const BURIALS_MAX = 256;

/** How far a shard's commands are taken in, and how far they go. Offsets of what comes next. */
interface Standing {
  taken: bigint;
  end: bigint;
}

/** What reading one partition goes by. */
interface Course {
  readonly shard: string;
  readonly source: string;
  readonly partition: KafkaPartition;
  readonly signal: AbortSignal;
  readonly standing: Standing;
}

export class KafkaReader implements CommandReader {
  readonly #options: KafkaReaderOptions;
  /** By shard, of those that are read now and of which the broker has said something. */
  readonly #standings = new Map<string, Standing>();
  #burials = 0;

  constructor(options: KafkaReaderOptions) {
    this.#options = options;
  }

  /** What marks of this cluster's partition for `shard` are named. @throws Fault SHARD_UNKNOWN */
  sourceOf(shard: string): string {
    return `${this.#options.clusterId}/${nameOf(this.#options.settings, COMMANDS)}/${this.#partitionOf(shard)}`;
  }

  /** Of each shard that is read here: commands that are not taken in yet, as far as the broker's newest answer told. */
  get behind(): ReadonlyMap<string, number> {
    return new Map(
      Array.from(this.#standings, ([shard, { end, taken }]) => [shard, Math.max(0, Number(end - taken))]),
    );
  }

  /** Also @throws Fault SHARD_UNKNOWN; BUS_INVALID when we are not let in */
  async follow(
    shard: string,
    from: SourceMark | undefined,
    take: (commands: readonly Received[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const partition = new KafkaPartition(this.#options.settings, this.#partitionOf(shard));
    const standing: Standing = { taken: 0n, end: 0n };
    const course: Course = { shard, source: this.sourceOf(shard), partition, signal, standing };
    const onAbort = (): void => partition.close(); // whatever is under way ends at once
    signal.addEventListener('abort', onAbort);
    try {
      let offset = await this.#start(course, from);
      standing.taken = offset;
      this.#standings.set(shard, standing);
      let coming = this.#fetch(course, offset, HUNGRY);
      while (!signal.aborted) {
        const { messages, next } = await coming;
        offset = next;
        coming = this.#fetch(course, offset, nextHelping(messages.length, bytesOf(messages))); // while these are taken in
        coming.catch(() => {});
        if (messages.length > 0 && !signal.aborted) await take(this.#received(course, messages));
        standing.taken = next;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      partition.close();
      if (this.#standings.get(shard) === standing) this.#standings.delete(shard);
    }
  }

  #partitionOf(shard: string): number {
    const index = this.#options.shards.indexOf(shard);
    if (index < 0) throw new Fault('SHARD_UNKNOWN', shard);
    return index;
  }

  /** The offset to begin at. @throws Fault BUS_BEHIND */
  async #start(course: Course, from: SourceMark | undefined): Promise<bigint> {
    const { shard, source } = course;
    const { log } = this.#options;
    for (let look = 1; ; look += 1) {
      const { first, next } = await this.#through(course, () => course.partition.ends());
      course.standing.end = next;
      if (from === undefined) return first;
      if (from.source !== source) {
        log.warn({ shard, from: from.source, source }, 'another bus than before: read from its beginning');
        return first;
      }
      if (from.offset < first) {
        const lost = String(first - from.offset);
        log.error({ shard, lost }, 'commands were deleted by retention before they were read: they are lost');
        return first;
      }
      if (from.offset <= next) return from.offset;
      if (look === CATCH_UP_LOOKS) {
        const detail = `${source} ends at ${next}, and ${from.offset} was to be read next`;
        throw new Fault('BUS_BEHIND', `${detail}; were its commands lost for good: \`itirp new-bus\``);
      }
      await sleep(LOOK_MS, undefined, { signal: course.signal });
    }
  }

  async #fetch(course: Course, offset: bigint, helping: Helping): Promise<Fetched> {
    return await this.#through(course, async () => {
      try {
        const fetched = await course.partition.fetch(offset, helping);
        if (fetched.end !== undefined && fetched.end >= fetched.next) course.standing.end = fetched.end;
        return fetched;
      } catch (error) {
        if (!isOutOfRange(error)) throw error;
        const next = await this.#start(course, { source: course.source, offset });
        return { messages: [], next, end: undefined };
      }
    });
  }

  /** Tries again until it succeeds, is no longer wanted, or fails for good. */
  async #through<T>({ shard, signal }: Course, call: () => Promise<T>): Promise<T> {
    const { log } = this.#options;
    for (let retryMs = RETRY_MS.first; ; retryMs = Math.min(2 * retryMs, RETRY_MS.most)) {
      signal.throwIfAborted();
      try {
        const answer = await call();
        if (retryMs > RETRY_MS.first) log.info({ shard }, 'the bus answers again');
        return answer;
      } catch (error) {
        if (signal.aborted || !(error instanceof Fault) || error.code !== 'BUS_UNAVAILABLE') throw error;
        if (retryMs === 2 * RETRY_MS.first)
          log.warn({ shard, err: error.message }, 'the bus does not answer');
        await sleep(retryMs, undefined, { signal });
      }
    }
  }

  #received(course: Course, messages: readonly RawMessage[]): readonly Received[] {
    return messages.map(({ offset, value }) => {
      const mark = { source: course.source, offset: offset + 1n };
      const read = readMessage(course.shard, value);
      if (read.wrong !== undefined) this.#bury(`${course.source}/${offset}`, value, read.wrong);
      return { mark, ...read };
    });
  }

  /** Holds up no order. A grave that cannot be dug, or one too many at a time: the log has the message's place. */
  #bury(where: string, value: Buffer | null, wrong: string): void {
    const { log, bury } = this.#options;
    log.warn({ where, wrong }, 'a message that is no command');
    if (bury === undefined) return;
    const isLost = (why: string): void =>
      log.error({ where, err: why }, 'a message that is no command could not be kept aside');
    if (this.#burials >= BURIALS_MAX) return isLost('too many at a time');
    this.#burials += 1;
    bury(where, value ?? Buffer.alloc(0))
      .catch((error: unknown) => isLost(String(error)))
      .finally(() => {
        this.#burials -= 1;
      });
  }
}

const bytesOf = (messages: readonly RawMessage[]): number =>
  messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);

function readMessage(shard: string, value: Buffer | null): Pick<Received, 'dispatch' | 'wrong'> {
  if (value === null || value.length === 0) return { dispatch: undefined, wrong: 'it is empty' };
  try {
    const dispatch = decodeDispatch(value);
    if (dispatch.shard === shard) return { dispatch, wrong: undefined };
    return { dispatch: undefined, wrong: `it is for shard ${dispatch.shard}` };
  } catch (error) {
    if (error instanceof Fault) return { dispatch: undefined, wrong: error.message };
    throw error;
  }
}
