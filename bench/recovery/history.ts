/** A journal with a past: orders placed, acknowledged and filled, in rows such as a busy day writes. */
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
const SYSTEM = { user: 'system' as UserId, origin: 'system', reason: 'benchmark' };
const VENUE = { user: 'venue:SIM' as UserId, origin: 'venue:SIM', reason: undefined };
const CLIENT = { user: TRADER, origin: '127.0.0.1', reason: undefined };

/** Writes the past of `past.orders` orders, and returns the state that it comes to. */
export async function writeHistory(journal: Journal, shard: string, past: Past): Promise<State> {
  const claim = await journal.claim();
  assert(claim.head.position === 0, 'a past is written once');
  const pen = new Pen(journal, shard, claim.epoch);
  const correlationId = '019e0000-0000-7000-8000-000000000000' as CorrelationId;
  const state = floor(0);
  const ground = [...groundOf(past.instruments)].filter(({ type }) => type !== 'StartTradingDay');
  for (const command of ground) await pen.write({ ...SYSTEM, correlationId }, carryOut(state, command));
  const flow = new OrderFlow(past.instruments, true);
  for (let i = 0; i < past.orders; i++) {
    const place = flow.place(ONE_LOT);
    const id = place.order.correlationId;
    await pen.write({ ...CLIENT, correlationId: id }, carryOut(state, place));
    await pen.write({ ...VENUE, correlationId: id }, carryOut(state, flow.report(place)));
  }
  await pen.flush();
  return state;
}

/** Gathers entries into rows, and chains and appends those. */
class Pen {
  readonly #journal: Journal;
  readonly #shard: string;
  readonly #epoch: number;
  #head: { position: SealedBatch['firstPosition']; hash: Buffer | undefined };
  #entries: Entry[] = [];
  #at = BEGIN;

  constructor(journal: Journal, shard: string, epoch: number) {
    this.#journal = journal;
    this.#shard = shard;
    this.#epoch = epoch;
    this.#head = { position: 0 as SealedBatch['firstPosition'], hash: undefined };
  }

  async write(by: Attribution, events: Entry['events']): Promise<void> {
    if (events.length === 0) return;
    this.#at += 10;
    this.#entries.push({ at: this.#at as Micros, ...by, events });
    if (this.#entries.length >= COMMANDS_A_ROW) await this.flush();
  }

  async flush(): Promise<void> {
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
    await this.#journal.append(row);
  }
}
