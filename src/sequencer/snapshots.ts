/** The state as the bytes of a snapshot and back, and the hash by which every node knows that it arrived at the same. */
import { createHash } from 'node:crypto';
import { Packr } from 'msgpackr';
import { dump, restore, type StateDump } from '../core/snapshot.ts';
import type { State } from '../core/state.ts';
import { assert } from '../core/values/assert.ts';
import type { Head, Snapshot } from '../journal/journal.ts';

/** Plain MessagePack, so that equal states give equal bytes: nothing that depends on what was packed before. */
const packr = new Packr({ useRecords: false, useBigIntExtension: true, copyBuffers: true });

/**
 * Raised when `dump` changes its shape: a snapshot of another version is passed over, and the journal folded. Hashes of two
 * versions say nothing of each other.
 */
export const STATE_VERSION = 4;

/** How every body of this version begins: a pair, and the version. */
const PREFIX = packr.pack([STATE_VERSION, null]).subarray(0, 2);

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** SHA-256 over the state's bytes: equal on every node that folded the same facts. */
export const stateHash = (state: State): Buffer => sha256(bodyOf(state));

const bodyOf = (state: State): Buffer => packr.pack([STATE_VERSION, dump(state)]);

/** The state as of `head`, the end of a row, ready to be kept. */
export function snapshotOf(state: State, { position, hash }: Head): Snapshot {
  assert(hash !== undefined, 'an empty journal needs no snapshot');
  const body = bodyOf(state);
  return { position, headHash: hash, stateHash: sha256(body), stateVersion: STATE_VERSION, body };
}

/** The state that a snapshot holds; undefined when it is not as it was written, or of another version. */
export function stateFrom({ body, stateHash: expected }: Snapshot): State | undefined {
  if (!sha256(body).equals(expected)) return undefined;
  const [version, rows] = packr.unpack(body) as readonly [number, StateDump];
  return version === STATE_VERSION ? restore(rows) : undefined;
}

/** Does `body` say that another version of this program wrote it? Such a snapshot is passed over at every start. */
export function isOfAnotherVersion(body: Buffer): boolean {
  const isOurs = body.subarray(0, PREFIX.length).equals(PREFIX);
  return !isOurs && body[0] === PREFIX[0];
}
