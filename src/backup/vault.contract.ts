/** What every vault must do, whatever it is made of. Each adapter's test runs it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Vault } from './vault.ts';

async function* inPieces(content: Buffer, length = 100_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += length) yield content.subarray(at, at + length);
}

async function* breakingOff(content: Buffer): AsyncGenerator<Buffer> {
  yield* inPieces(content);
  throw new Error('the database went away');
}

async function read(vault: Vault, name: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of vault.read(name)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** `begin` gives an empty vault; `largeBytes` is more than it writes in one go. */
export function vaultContract(name: string, largeBytes: number, begin: () => Promise<Vault>): void {
  describe(`${name} keeps the vault's contract`, () => {
    test.each([
      ['small', 1_000],
      ['empty', 0],
      ['large', largeBytes],
    ])('what is written is listed and read back byte for byte: %s', async (_what, length) => {
      const vault = await begin();
      const content = randomBytes(length);
      await vault.write('one.backup', inPieces(content));
      expect(await vault.list()).toEqual([{ name: 'one.backup', bytes: length }]);
      expect((await read(vault, 'one.backup')).equals(content)).toBe(true);
    });

    test('what breaks off in the middle is never seen, and says why', async () => {
      const vault = await begin();
      await expect(vault.write('half.backup', breakingOff(randomBytes(largeBytes)))).rejects.toThrow(
        /the database went away/,
      );
      expect(await vault.list()).toEqual([]);
      await expect(read(vault, 'half.backup')).rejects.toMatchObject({ code: 'BACKUP_UNAVAILABLE' });
    });

    test('while something is written, nobody sees it', async () => {
      const vault = await begin();
      let seen: unknown;
      const looking = async function* (): AsyncGenerator<Buffer> {
        yield* inPieces(randomBytes(largeBytes));
        seen = await vault.list();
      };
      await vault.write('one.backup', looking());
      expect(seen).toEqual([]);
      expect(await vault.list()).toHaveLength(1);
    });

    test('what is removed is gone, and may be removed again', async () => {
      const vault = await begin();
      await vault.write('one.backup', inPieces(randomBytes(10)));
      await vault.write('two.backup', inPieces(randomBytes(20)));
      await vault.remove('one.backup');
      await vault.remove('one.backup');
      expect(await vault.list()).toEqual([{ name: 'two.backup', bytes: 20 }]);
      await vault.sweep();
      expect(await vault.list()).toHaveLength(1);
    });

    test('what is not there is a fault of the place, not an empty backup', async () => {
      const vault = await begin();
      await expect(read(vault, randomUUID())).rejects.toMatchObject({ code: 'BACKUP_UNAVAILABLE' });
    });
  });
}
