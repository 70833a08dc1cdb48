/** A journal with a past: orders placed, acknowledged and filled, in rows such as a busy day writes. */
import type { Command } from '../../src/core/commands.ts';
import type { State } from '../../src/core/state.ts';
import { assert } from '../../src/core/values/assert.ts';
import type { CorrelationId, Micros, UserId } from '../../src/core/values/names.ts';
import { headAfter, sealAfter } from '../../src/journal/chain.ts';
import { countEvents, encodeEntries } from '../../src/journal/codec.ts';
import type { Attribution, Entry } from '../../src/journal/entry.ts';
import type { Journal, SealedBatch } from '../../src/journal/journal.ts';
import { carryOut, floor, groundOf, ONE_LOT, OrderFlow, TRADER } from '../core/floor.ts';

export interface Past {
  readonly orders: number;
  readonly instruments: number;
}

/** Commands in a row: what 1,024 callers make of it. */
const COMMANDS_A_ROW = 1_000;
/** 2026-01-30 14:30 UTC. */
const BEGIN = 1_769_783_400_000_000;
const GROUND = {
  user: 'system' as UserId,
  origin: 'system',
  correlationId: '019e0000-0000-7000-8000-000000000000' as CorrelationId,
  reason: 'benchmark',
};
const VENUE = { user: 'venue:SIM' as UserId, origin: 'venue:SIM', reason: undefined };
const CLIENT = { user: TRADER, origin: '127.0.0.1', reason: undefined };

/** Writes the past of `past.orders` orders, and returns the state that it comes to. */
export async function writeHistory(journal: Journal, shard: string, past: Past): Promise<State> {
  const claim = await journal.claim();
  assert(claim.head.position === 0, 'a past is written once');
  const author = new Author({
    shard,
    epoch: claim.epoch,
    instruments: past.instruments,
    begin: BEGIN,
    from: 0,
  });
  const append = (row: SealedBatch): Promise<void> => journal.append(row);
  await author.write(past.orders, COMMANDS_A_ROW, append);
  return author.state;
}

type Append = (row: SealedBatch) => Promise<void>;

export interface Story {
  readonly shard: string;
  readonly epoch: number;
  readonly instruments: number;
  /** When it begins, in UTC microseconds. */
  readonly begin: number;
  /** The first order's number: those of several shards must not meet. */
  readonly from: number;
}

/** Goes on with one shard's story, from its first row. */
export class Author {
  readonly state: State = floor(0);
  readonly #pen: Pen;
  readonly #flow: OrderFlow;
  readonly #instruments: number;

  constructor({ shard, epoch, instruments, begin, from }: Story) {
    this.#pen = new Pen(shard, epoch, begin);
    this.#flow = new OrderFlow(instruments, true, from);
    this.#instruments = instruments;
  }

  /** `orders` more, in rows of `commandsARow`; the last may be shorter. */
  async write(orders: number, commandsARow: number, append: Append): Promise<void> {
    const carry = (by: Attribution, command: Command): Promise<void> =>
      this.#pen.write(by, carryOut(this.state, command), commandsARow, append);
    if (this.#pen.isUnused) for (const command of this.#ground()) await carry(GROUND, command);
    for (let i = 0; i < orders; i++) {
      const place = this.#flow.place(ONE_LOT);
      const { correlationId } = place.order;
      await carry({ ...CLIENT, correlationId }, place);
      await carry({ ...VENUE, correlationId }, this.#flow.report(place));
    }
    await this.#pen.flush(append);
  }

  #ground(): readonly Command[] {
    return [...groundOf(this.#instruments)].filter(({ type }) => type !== 'StartTradingDay');
  }
}

/** Gathers entries into rows, and chains and appends those. */
class Pen {
  readonly #shard: string;
  readonly #epoch: number;
  #head: { position: SealedBatch['firstPosition']; hash: Buffer | undefined };
  #entries: Entry[] = [];
  #at: number;

  constructor(shard: string, epoch: number, begin: number) {
    this.#shard = shard;
    this.#epoch = epoch;
    this.#at = begin;
    this.#head = { position: 0 as SealedBatch['firstPosition'], hash: undefined };
  }

  get isUnused(): boolean {
    return this.#head.position === 0 && this.#entries.length === 0;
  }

  async write(by: Attribution, events: Entry['events'], commandsARow: number, append: Append): Promise<void> {
    if (events.length === 0) return;
    this.#at += 10;
    this.#entries.push({ at: this.#at as Micros, ...by, events });
    if (this.#entries.length >= commandsARow) await this.flush(append);
  }

  async flush(append: Append): Promise<void> {
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    const row = sealAfter(this.#head, {
      shard: this.#shard,
      count: countEvents(entries),
      epoch: this.#epoch,
      recordedAt: this.#at as Micros,
      body: encodeEntries(entries),
    });
    this.#head = headAfter(row);
    await append(row);
  }
}
