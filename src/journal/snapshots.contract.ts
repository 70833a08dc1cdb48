/** What every store of snapshots must do. Each adapter's test runs it. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Position } from '../core/values/names.ts';
import type { Snapshot, Snapshots } from './journal.ts';

export function aSnapshot(position: number, body = Buffer.from(`state at ${position}`)): Snapshot {
  const stateHash = createHash('sha256').update(body).digest();
  return { position: position as Position, headHash: Buffer.alloc(32, position), stateHash, body };
}

/** `begin` opens an empty store. */
export function snapshotsContract(name: string, begin: () => Promise<Snapshots>): void {
  describe(`${name} keep the contract`, () => {
    test('there is none at first', async () => {
      expect(await (await begin()).latest()).toBeUndefined();
    });

    test('the newest is read back', async () => {
      const snapshots = await begin();
      for (const position of [10, 20, 30]) await snapshots.save(aSnapshot(position));
      expect(await snapshots.latest()).toEqual(aSnapshot(30));
    });

    test('those that are kept are told, oldest first, each with its body', async () => {
      const snapshots = await begin();
      expect(await snapshots.kept()).toEqual([]);
      for (const position of [10, 20, 30]) await snapshots.save(aSnapshot(position));
      const label = ({ position, headHash, stateHash }: Snapshot) => ({ position, headHash, stateHash });
      expect(await snapshots.kept()).toEqual([label(aSnapshot(20)), label(aSnapshot(30))]);
      expect(await snapshots.body(20 as Position)).toEqual(aSnapshot(20).body);
    });

    test('the version of the state is told where whoever wrote it said which', async () => {
      const snapshots = await begin();
      await snapshots.save(aSnapshot(10));
      await snapshots.save({ ...aSnapshot(20), stateVersion: 7 });
      expect((await snapshots.kept()).map(({ stateVersion }) => stateVersion)).toEqual([undefined, 7]);
      expect(await snapshots.latest()).toEqual({ ...aSnapshot(20), stateVersion: 7 });
    });

    test('one at the same position replaces the other', async () => {
      const snapshots = await begin();
      await snapshots.save(aSnapshot(10));
      await snapshots.save(aSnapshot(10, Buffer.from('again')));
      expect(await snapshots.latest()).toEqual(aSnapshot(10, Buffer.from('again')));
    });

    test('an empty state and a large one survive', async () => {
      const snapshots = await begin();
      await snapshots.save(aSnapshot(1, Buffer.alloc(0)));
      expect((await snapshots.latest())?.body.length).toBe(0);
      const large = Buffer.alloc(70_000_001, 'state ');
      await snapshots.save(aSnapshot(2, large));
      expect((await snapshots.latest())?.body.equals(large)).toBe(true);
    });
  });
}
