/** For tests: a journal with a made-up history, a bus that remembers what it was told, and relays between the two. */
import type { Announcement, Announcer } from '../../bus/announcer.ts';
import type { Position } from '../../core/values/names.ts';
import type { Entry } from '../../journal/entry.ts';
import { MemoryJournal } from '../../journal/memory.ts';
import { JournalWriter } from '../../projections/testing/journal-writing.ts';
import { batchesOf } from '../../projections/testing/trading.ts';
import { MemoryPublished } from '../published-memory.ts';
import { Relay, type RelayOptions } from '../relay.ts';

export const SHARD = 's1';

/** Remembers everything it was told. */
export class Wire implements Announcer {
  readonly told: Announcement[] = [];
  /** Called before each call is taken; what it throws is the call's answer, and half of it has arrived. */
  trouble: (call: number) => void = () => {};
  #calls = 0;

  async announce(announcements: readonly Announcement[]): Promise<void> {
    const half = announcements.slice(0, announcements.length / 2);
    try {
      this.trouble(++this.#calls);
    } catch (error) {
      this.told.push(...half);
      throw error;
    }
    this.told.push(...announcements);
  }
}

export const idOf = ({ headers }: Announcement): string =>
  headers.find(([name]) => name === 'ce_id')?.[1] ?? '';

/** What its envelope holds. */
export const dataOf = ({ body }: Announcement): object => (JSON.parse(String(body)) as { data: object }).data;

/** Each message once, as who dedupes by topic and id sees them. */
export function deduped(told: readonly Announcement[]): readonly Announcement[] {
  const seen = new Map(told.map((one) => [`${one.topic} ${idOf(one)}`, one]));
  const first = new Set<string>();
  return told.filter((one) => {
    const name = `${one.topic} ${idOf(one)}`;
    if (first.has(name)) return false;
    first.add(name);
    return seen.has(name);
  });
}

export class Desk {
  readonly journal = new MemoryJournal();
  readonly published = new MemoryPublished();
  readonly wire = new Wire();
  readonly #writer = new JournalWriter(this.journal, SHARD);
  #written = 0;

  async write(entries: readonly Entry[], size = 3): Promise<Position> {
    const batches = batchesOf(entries, size, this.#written);
    await this.#writer.write(batches);
    this.#written = batches.at(-1)?.lastPosition ?? this.#written;
    return this.#written as Position;
  }

  relay(options: Partial<RelayOptions> = {}): Relay {
    const { journal, published, wire: announcer } = this;
    const tempo = {
      messagesMax: 20,
      checkpointFacts: 25,
      paceMs: 0,
      pollMs: 60_000,
      retryMs: 1,
      ...options.tempo,
    };
    return new Relay({ shard: SHARD, journal, published, announcer, ...options, tempo });
  }

  /** Runs a new relay until it has nothing more to tell. */
  async tellAll(options: Partial<RelayOptions> = {}): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const relay = this.relay({ ...options, onIdle: () => resolve() });
    const running = relay.run();
    await Promise.race([promise, running]);
    await relay.stop();
    await running;
  }
}
