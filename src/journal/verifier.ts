/** Proves a journal from its first row: recomputes every hash, and names the first position where something is wrong. */
import type { Position } from '../core/values/names.ts';
import { Fault } from '../faults/fault.ts';
import { EMPTY, hashOf, headAfter } from './chain.ts';
import { countEvents, decodeEntries } from './codec.ts';
import { type CommittedBatch, type Entry, isFallen, type SourceMark } from './entry.ts';
import type { Head, Journal, SealedBatch } from './journal.ts';

/** How far the work is, for whoever waits for it. */
export interface Progress {
  readonly position: Position;
  /** Where the journal ended when it was last asked. */
  readonly end: Position;
}

export type Verdict =
  | { readonly isSound: true; readonly batches: number; readonly events: number; readonly head: Head }
  /** `position` is the first that does not hold; everything before it does. */
  | { readonly isSound: false; readonly position: Position; readonly wrong: string };

/** Hears each proven row with the head that it makes; returns what is wrong with its facts. */
export type Judge = (batch: CommittedBatch, head: Head) => string | undefined;

/** Rows between two words on the progress. */
const PROGRESS_ROWS = 1_000;

/**
 * Verifies a shard from genesis to its head, also while it is being written. A plain chain cannot show a tail that
 * was cut together with the head: keep a head from outside and compare.
 * @throws Fault JOURNAL_UNAVAILABLE
 */
export async function verify(
  journal: Pick<Journal, 'read' | 'head'>,
  onProgress: (progress: Progress) => void = () => {},
  judge: Judge = () => undefined,
): Promise<Verdict> {
  let batches = 0;
  let end = (await journal.head()).position;
  let before: Before | undefined;
  let head = EMPTY;
  for (;;) {
    const position = head.position;
    for await (const row of journal.read(position)) {
      const wrong = wrongWith(row, before, head) ?? wrongInside(row, judge);
      if (wrong !== undefined) return { isSound: false, ...wrong };
      before = { epoch: row.epoch, recordedAt: row.recordedAt, source: row.source ?? before?.source };
      head = headAfter(row);
      batches += 1;
      if (batches % PROGRESS_ROWS === 0) onProgress({ position: head.position, end });
    }
    const claimed = await journal.head();
    end = claimed.position;
    onProgress({ position: head.position, end });
    const hasGrown = head.position > position && claimed.position > head.position;
    if (hasGrown) continue; // written meanwhile: read on
    const wrong = wrongEnd(head, claimed);
    if (wrong !== undefined) return { isSound: false, ...wrong };
    return { isSound: true, batches, events: head.position, head };
  }
}

interface Wrong {
  readonly position: Position;
  readonly wrong: string;
}

/** Of the row before, and how far any row before it says that the bus was taken in. */
interface Before extends Pick<SealedBatch, 'epoch' | 'recordedAt'> {
  readonly source: SourceMark | undefined;
}

/** `before` and `head` are the row before and the end it makes; both are proven. */
function wrongWith(row: SealedBatch, before: Before | undefined, head: Head): Wrong | undefined {
  const expected = (head.position + 1) as Position;
  if (row.firstPosition > expected) {
    return { position: expected, wrong: `positions ${expected} to ${row.firstPosition - 1} are missing` };
  }
  const at = (wrong: string): Wrong => ({ position: row.firstPosition, wrong });
  if (row.firstPosition < expected) return at(`a second row holds position ${row.firstPosition}`);
  if (!isLinked(row, head)) return at('the row is not chained to the one before it');
  if (!hashOf(row).equals(row.hash)) {
    return at('the hash is not that of the row: its body, its header or its hash was changed');
  }
  if (before !== undefined && row.epoch < before.epoch) {
    return at(`the epoch falls from ${before.epoch} to ${row.epoch}`);
  }
  if (before !== undefined && row.recordedAt < before.recordedAt) {
    return at(`time runs backwards by ${before.recordedAt - row.recordedAt} microseconds`);
  }
  return isFallen(row.source, before?.source) ? at('the source offset falls') : undefined;
}

function isLinked(row: SealedBatch, head: Head): boolean {
  if (head.hash === undefined) return row.previousHash === undefined;
  return row.previousHash?.equals(head.hash) ?? false;
}

/** The body decodes, holds as many events as the row says, and neither its times nor its facts contradict each other. */
function wrongInside(row: SealedBatch, judge: Judge): Wrong | undefined {
  const { firstPosition } = row;
  const at = (wrong: string): Wrong => ({ position: firstPosition, wrong });
  let entries: readonly Entry[];
  try {
    entries = decodeEntries(row.body);
  } catch (error) {
    if (error instanceof Fault) return at(`the body does not decode: ${error.detail}`);
    throw error;
  }
  const count = countEvents(entries);
  if (count !== row.count) return at(`the row announces ${row.count} events and its body holds ${count}`);
  const late = entries.findIndex((entry, i) => i > 0 && entry.at < (entries[i - 1]?.at ?? 0));
  if (late !== -1) return at(`time runs backwards at entry ${late + 1} of the row`);
  const head = headAfter(row);
  const wrong = judge({ firstPosition, lastPosition: head.position, entries }, head);
  return wrong === undefined ? undefined : at(wrong);
}

/** `claimed` is what the table `shards` says, `head` what the rows come to. */
function wrongEnd(head: Head, claimed: Head): Wrong | undefined {
  const next = (head.position + 1) as Position;
  if (claimed.position > head.position) {
    return { position: next, wrong: `positions ${next} to ${claimed.position} are missing at the end` };
  }
  if (claimed.position < head.position) {
    const wrong = `the rows go on to ${head.position}, but the head of the shard says ${claimed.position}`;
    return { position: (claimed.position + 1) as Position, wrong };
  }
  const isSame = head.hash === undefined ? claimed.hash === undefined : claimed.hash?.equals(head.hash);
  if (isSame) return undefined;
  return { position: head.position, wrong: 'the head of the shard has another hash than the last row' };
}
