/** The snapshots of a backup as they pass: hashed piece by piece, and held against what the facts come to. */
import { createHash, type Hash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { Fault } from '../faults/fault.ts';
import { isOfAnotherVersion } from '../sequencer/snapshots.ts';
import type { Column, KeptSnapshot } from './archive.ts';
import { rowsIn } from './row-bytes.ts';

const decompress = promisify(zstdDecompress);
/** As much of a body as says what version wrote it. */
const BEGINNING_BYTES = 16;

interface Body {
  readonly digest: Hash;
  readonly beginning: Buffer;
}

export class SnapshotBodies {
  readonly #bodies = new Map<string, Body>();

  /** Rows of the table `snapshot_pieces`, in the order of the pieces. @throws Fault BACKUP_INVALID */
  async take(columns: readonly Column[], bytes: Buffer): Promise<void> {
    const at = (name: string): number => columns.findIndex((column) => column.name === name);
    const [shard, position, body] = [at('shard'), at('position'), at('body')];
    for (const row of rowsIn(bytes)) {
      const key = `${row[shard]?.toString('utf8')} ${row[position]?.readBigInt64BE()}`;
      const piece = await decompress(row[body] ?? Buffer.alloc(0)).catch((error: unknown) => {
        throw new Fault('BACKUP_INVALID', `the snapshot ${key} does not decompress`, { cause: error });
      });
      const known = this.#bodies.get(key) ?? {
        digest: createHash('sha256'),
        beginning: Buffer.from(piece.subarray(0, BEGINNING_BYTES)),
      };
      known.digest.update(piece);
      this.#bodies.set(key, known);
    }
  }

  /**
   * Is the snapshot proven? False for one that an older program wrote: no start goes on from it.
   * @throws Fault BACKUP_INVALID: it is not the state of its facts
   */
  prove(snapshot: KeptSnapshot, reckoned: Pick<KeptSnapshot, 'headHash' | 'stateHash'> | undefined): boolean {
    const { shard, position, headHash, stateHash } = snapshot;
    const wrong = (says: string): Fault =>
      new Fault('BACKUP_INVALID', `the snapshot of ${shard} at ${position} ${says}`);
    const body = this.#bodies.get(`${shard} ${position}`);
    if (body === undefined || body.digest.digest('hex') !== stateHash) throw wrong('has another body');
    if (reckoned?.headHash !== headHash) throw wrong('is of another journal');
    if (isOfAnotherVersion(body.beginning)) return false;
    if (reckoned.stateHash !== stateHash) throw wrong('is not what the facts come to');
    return true;
  }
}
